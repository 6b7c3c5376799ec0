// The documents are held to the program: what is generated is fresh, what is linked is there, what is numbered is
// numbered once. `node scripts/docs.mjs` writes the generated parts.
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { EVENT_TYPES } from '../packages/countersign/src/core/audit/event.ts';
import { generatedParts, partOf } from '../scripts/lib/docs.mjs';
import { EVENTS } from '../scripts/lib/docs-events.mjs';
import { rulesNamedIn } from '../scripts/lib/docs-rules.mjs';
import { errorsDocMistakes } from '../scripts/lib/errors-doc.mjs';
import { root } from '../scripts/lib/node.mjs';

const PAGES = globSync(['*.md', 'docs/**/*.md', 'examples/**/*.md'], { cwd: root }).sort();
const SPECS = PAGES.filter((page) => page.startsWith('docs/spec/'));
const DECISIONS = PAGES.filter((page) => page.startsWith('docs/decisions/'));
const read = (page: string) => readFileSync(join(root, page), 'utf8');

describe('generated parts are fresh (node scripts/docs.mjs writes them)', () => {
  test('every part stands on its page as the program would print it', async () => {
    for (const { page, name, text } of await generatedParts()) {
      expect(partOf(read(page), name), `${page}, part ${name}`).toBe(text);
    }
  });

  test('docs/errors.md is the problem table', async () => {
    expect((await errorsDocMistakes()).mistakes).toEqual([]);
  });

  test('every audit event has its sentence, and no sentence is about an event that is gone', () => {
    expect(Object.keys(EVENTS).toSorted()).toEqual(EVENT_TYPES.toSorted());
  });

  test('rules are read from titles and opening comments, and from nothing else', () => {
    const text =
      "// Attack H16: a full house.\n// R3 too.\nimport a;\n// H99\ntest('R07: once', go);\ntest.each([1])('H24 %s', go);\nconst x = 'H50';\n";
    expect([...rulesNamedIn(text)].sort()).toEqual(['H16', 'H24', 'R3', 'R7']);
  });
});

describe('links', () => {
  test.each(PAGES)('%s: every file and heading it points to is there', (page) => {
    const missing = linksOf(read(page)).filter((link) => !isThere(page, link));
    expect(missing).toEqual([]);
  });

  test.each(PAGES)('%s: every path of the repository it names is there', (page) => {
    const named = [...read(page).matchAll(/`((?:packages|scripts|test|docs|bench|examples)\/[\w./-]+)`/g)];
    const missing = named.map(([, path = '']) => path).filter((path) => !existsSync(join(root, path)));
    expect(missing).toEqual([]);
  });
});

describe('specifications and decisions', () => {
  test.each(SPECS)('%s: clauses are numbered once, in order, under their section', (page) => {
    const clauses = [...read(page).matchAll(/^(?:## (\d+)\b|\*\*(\d+)\.(\d+)\*\* )/gm)];
    let section = 0;
    let clause = 0;
    for (const [, head, inSection, number] of clauses) {
      if (head !== undefined) {
        expect(Number(head)).toBe(section + 1);
        section += 1;
        clause = 0;
        continue;
      }
      expect(`${inSection}.${number}`).toBe(`${section}.${clause + 1}`);
      clause += 1;
    }
    expect(clauses.length).toBeGreaterThan(5);
  });

  test('decisions are numbered without gaps, and each says what would change it', () => {
    const numbers = DECISIONS.map((page) => Number(/(\d{4})-[a-z0-9-]+\.md$/.exec(page)?.[1]));
    expect(numbers).toEqual(numbers.map((_, index) => index + 1));
    for (const page of DECISIONS) {
      const heads = [...read(page).matchAll(/^## (.+)$/gm)].map(([, head]) => head);
      expect(heads, page).toEqual(['Context', 'Choice', 'Consequence', 'What would change our mind']);
    }
  });
});

function linksOf(markdown: string): string[] {
  const prose = markdown.replaceAll(/^```[\s\S]*?^```/gm, '');
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, link = '']) => link)
    .filter((link) => !/^[a-z]+:/.test(link));
}

function isThere(page: string, link: string): boolean {
  const [path = '', heading] = link.split('#');
  const target = path === '' ? page : join(dirname(page), path);
  if (!existsSync(join(root, target))) return false;
  return heading === undefined || headingsOf(read(target)).has(heading);
}

/** Headings as their anchors on the usual forges. */
function headingsOf(markdown: string): ReadonlySet<string> {
  const heads = [...markdown.matchAll(/^#+ (.+)$/gm)].map(([, head = '']) => head.toLowerCase());
  return new Set(
    heads.map((head) =>
      head
        .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
        .trim()
        .replaceAll(/\s/g, '-'),
    ),
  );
}
