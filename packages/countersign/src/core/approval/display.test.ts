// H43, H46, R47: what is shown is the whole action and nothing but it. One text for two actions, or a text that hides one
// character, and a person says yes to something else.
import { type Action, actionSchema, type ExecArgv } from '@countersign/protocol/approval';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { innerOf, shown, shownCommand, shownText, shownWords } from './display.ts';
import { exact, exactLines, unescaped } from './exact.ts';
import { inParts, MAX_PARTS } from './parts.ts';

const HASH = 'a'.repeat(64);
const command: ExecArgv = {
  kind: 'exec',
  argv: ['rm', '-rf', 'build'],
  cwd: { path: '/home/ana/project', device: '1', inode: '2' },
  program: { path: '/usr/bin/rm', sha256: HASH },
  scripts: [],
  env: { PATH: '/usr/bin:/bin', HOME: '/home/ana' },
  stdin: { kind: 'none' },
  host: 'ins_a',
};
const with_ = (more: Record<string, unknown>): Action => actionSchema.parse({ ...command, ...more });
const textOf = (action: Action) => shownText(shown(action));
const tool = (args: Record<string, unknown>): Action =>
  actionSchema.parse({ kind: 'tool', tool: 'Write', arguments: args, cwd: null, host: 'ins_a' });

/** What people get tricked with: escapes and what looks like one, marks, invisible and odd spaces, quotes, line ends. */
const PIECES = [
  'a',
  ' ',
  '\\',
  'u{202E}',
  'x20',
  'x5C',
  '\u202e',
  '\u200b',
  '\u00a0',
  '\ufe0f',
  '❤',
  '\n',
  '\r',
  '\t',
  "'",
  '"',
  '$',
  '\u0301',
  '\u{e0041}',
  'é',
  '\u2028',
];
const tricky = fc.oneof(
  fc.array(fc.constantFrom(...PIECES), { maxLength: 8 }).map((pieces) => pieces.join('')),
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: 'binary' }).map((text) => text.toWellFormed().replaceAll('\0', '')),
);

describe('a text is shown as it is', () => {
  test('nothing is lost: every escape leads back to what was there', () => {
    fc.assert(
      fc.property(tricky, (text) => {
        expect(unescaped(exact(text))).toBe(text);
        expect(exactLines(text).map(unescaped).join('\n')).toBe(text);
      }),
      { numRuns: 3_000 },
    );
  });

  test('the escapes of every surface', () => {
    expect(exact('a\u202eb')).toBe(String.raw`a\u{202E}b`);
    expect(exact('tool ')).toBe(String.raw`tool\x20`);
    expect(exact(String.raw`a\u{202E}b`)).toBe(String.raw`a\x5Cu{202E}b`);
    expect(exact(String.raw`grep '\n' \\server`)).toBe(String.raw`grep '\n' \\server`);
    expect(exact('e\u0301\u0302\u0303\u0304')).toBe('e\u0301\u0302\\u{0303}\\u{0304}');
  });

  test('nothing invisible is left, and nothing that moves the text', () => {
    fc.assert(
      fc.property(tricky, (text) => {
        expect(exact(text)).not.toMatch(
          /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]|(?! )\p{Zs}| $/u,
        );
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('words', () => {
  test('H43: two lists of words never read alike', () => {
    const lists = fc.array(tricky, { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(lists, lists, (one, other) => {
        expect(shownWords(one) === shownWords(other)).toBe(JSON.stringify(one) === JSON.stringify(other));
      }),
      { numRuns: 3_000 },
    );
  });

  test('one word is not two, an empty one is there, a space at the end is seen', () => {
    expect(shownWords(['rm', '-rf', 'a b'])).toBe("rm -rf 'a b'");
    expect(shownWords(['rm', '-rf', 'a', 'b'])).toBe('rm -rf a b');
    expect(shownWords(['printf', ''])).toBe("printf ''");
    expect(shownWords(['tool '])).toBe(String.raw`'tool\x20'`);
    expect(shownWords(["it's"])).toBe(String.raw`'it'\''s'`);
    expect(shownWords(['A=b', 'A=b', '=ls'])).toBe("'A=b' A=b '=ls'");
    expect(shownWords(['time', 'time'])).toBe("'time' time");
    expect(shownWords(['[', '{}', ']'])).toBe('[ {} ]');
    expect(shownWords(['a\nb'])).toBe(String.raw`'a\u{000A}b'`);
  });
});

describe('an action', () => {
  test('everything that could surprise is on the first look', () => {
    const action = with_({
      argv: ['python3', 'migrate.py'],
      program: { path: '/usr/bin/python3.12', sha256: HASH },
      scripts: [{ path: '/home/ana/project/migrate.py', sha256: HASH }],
      env: { ...command.env, DB_URL: 'postgres://db/prod ' },
      stdin: { kind: 'bytes', sha256: HASH, size: 4 },
    });
    expect(textOf(action)).toMatchInlineSnapshot(`
      "run a program
      | python3 migrate.py
      in: /home/ana/project
      program: /usr/bin/python3.12
      script: /home/ana/project/migrate.py
      with: DB_URL='postgres://db/prod\\x20'
      reads: 4 bytes given to it
      on: ins_a"
    `);
  });

  test('R45: of what every command gets, a value that is not usual is on the first look', () => {
    const usual = { TERM: 'xterm', TZ: 'Europe/Berlin', TMPDIR: '/tmp', LANG: 'C.UTF-8', USER: 'ana' };
    expect(textOf(with_({ env: { ...command.env, ...usual } }))).not.toContain('with: ');
    const odd = {
      HOME: '/tmp/h',
      TERM: '../x',
      TZ: ':/tmp/z',
      TMPDIR: '/home/ana/project',
      LANG: 'a/b',
      LC_ALL: '..',
      USER: '-x',
    };
    for (const [name, value] of Object.entries(odd)) {
      const action = with_({ env: { ...command.env, ...usual, [name]: value } });
      expect(textOf(action), name).toContain(`\nwith: ${name}=${value}\n`);
      expect(shown(action).details.map(({ text }) => text)).not.toContain(`${name}=${value}`);
    }
  });

  test('H45: what reads a program that begins with #! is named, and its hash is among the details', () => {
    const interpreter = { path: '/usr/bin/python3.12\u202E', sha256: 'b'.repeat(64) };
    const action = with_({ argv: ['./deploy'], interpreter });
    expect(textOf(action)).toContain('\nread by: /usr/bin/python3.12\\u{202E}\n');
    const details = shown(action).details.map(({ text }) => text);
    expect(details).toContain(interpreter.sha256);
    expect(details).toContain(HASH);
  });

  test('a shell line keeps its lines, and none of them can pass for one of ours', () => {
    const { argv: _argv, ...rest } = command;
    const text = textOf(
      actionSchema.parse({ ...rest, shell: 'cat <<E\non: the-owners-machine\nE\nrm -rf ~ ' }),
    );
    expect(text).toMatchInlineSnapshot(`
      "run a shell line
      | cat <<E
      | on: the-owners-machine
      | E
      | rm -rf ~\\x20
      in: /home/ana/project
      shell: /usr/bin/rm
      on: ins_a"
    `);
    expect(text.split('\n').filter((line) => line.startsWith('on: '))).toEqual(['on: ins_a']);
  });

  test('words that mix scripts, and letters put together from parts, are said first', () => {
    expect(textOf(with_({ argv: ['ls', 'p\u0430yments'] }))).toMatch(/^careful: mixed-script\n/);
    expect(textOf(with_({ argv: ['ls', 'cafe\u0301'] }))).toMatch(/^careful: composed-otherwise\n/);
    expect(textOf(command)).not.toContain('careful');
  });

  test('a tool is shown with all its arguments', () => {
    expect(textOf(tool({ a: [1, null, { b: 'x\u202ey' }], 'c ': true }))).toMatchInlineSnapshot(`
      "use a tool
      | {
      |   "a": [
      |     1,
      |     null,
      |     {
      |       "b": "x\\u{202E}y"
      |     }
      |   ],
      |   "c ": true
      | }
      tool: Write
      on: ins_a"
    `);
  });

  test('a message is shown with its receiver and what is attached', () => {
    const message = actionSchema.parse({
      kind: 'message',
      to: { channel: 'whatsapp', account: 'default', identifier: '+15555550123' },
      text: 'hi\u200b\nthere ',
      attachments: [{ name: 'a b.pdf', sha256: HASH, size: 3 }],
      host: 'ins_a',
    });
    expect(textOf(message)).toMatchInlineSnapshot(`
      "send a message
      | hi\\u{200B}
      | there\\x20
      to: +15555550123
      channel: whatsapp
      account: default
      attached: 'a b.pdf', 3 bytes
      on: ins_a"
    `);
  });

  test('R36: any two that differ in what is run read differently', () => {
    const words = fc.array(tricky, { minLength: 1, maxLength: 3 });
    const lines = tricky.filter((text) => text.length > 0);
    const { argv: _argv, ...rest } = command;
    const actions = fc.oneof(
      words.map((argv): Action => ({ ...command, argv })),
      lines.map((shell): Action => ({ ...rest, shell })),
    );
    fc.assert(
      fc.property(actions, actions, (one, other) => {
        expect(textOf(one) === textOf(other)).toBe(JSON.stringify(one) === JSON.stringify(other));
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('a write to a file is a diff', () => {
  test('an edit: what goes and what comes', () => {
    const edit = { file_path: '/a b', old_string: 'one\ntwo\n', new_string: 'one\n2 \n', replace_all: true };
    expect(textOf(tool(edit))).toMatchInlineSnapshot(`
      "change a file
      | - one
      | - two
      | + one
      | + 2\\x20
      tool: Write
      file: /a b
      changes: every place where it stands
      on: ins_a"
    `);
  });

  test('a whole file, with no line feed at its end', () => {
    expect(textOf(tool({ path: 'x', content: 'a' }))).toMatchInlineSnapshot(`
      "change a file
      | + a
      | \\ no line feed at the end of the + lines
      tool: Write
      file: x
      changes: the whole file, to what stands above
      on: ins_a"
    `);
  });

  test('H46: one member more, and all are shown as they are', () => {
    const more = tool({ file_path: 'x', content: 'a', also: 'rm -rf /' });
    expect(shown(more).title).toBe('use a tool');
    expect(textOf(more)).toContain('rm -rf /');
    expect(shown(tool({ file_path: 'x', path: '/etc/passwd', content: 'a' })).title).toBe('use a tool');
    expect(shown(tool({ file_path: 'x', content: 1 })).title).toBe('use a tool');
    expect(shown(tool({ file_path: 'x', old_string: 'a', new_string: 'b', replace_all: 'no' })).title).toBe(
      'use a tool',
    );
  });
});

describe('what runs inside', () => {
  test('a command that wraps nothing says it itself', () => {
    expect(innerOf([{ text: 'ls -l', via: [] }])).toEqual([]);
  });

  test('a wrapper shows what it leads to, on one line whatever it is called', () => {
    const commands = [
      { text: 'sudo sh -c x' },
      { text: 'rm -rf /', via: ['sudo', 'sh -c'] },
      { text: 'id', via: ['git -c alias.a\u202Eb\n> ls'] },
    ];
    expect(innerOf(commands).map(shownCommand)).toEqual([
      'sudo sh -c x',
      'sudo, sh -c: rm -rf /',
      String.raw`git -c alias.a\u{202E}b\u{000A}> ls: id`,
    ]);
  });
});

describe('parts', () => {
  test('joined they are the text; none is too long; none cuts an escape or a letter', () => {
    const texts = fc.array(fc.oneof(tricky, fc.constant('x'.repeat(50)), fc.constant('ab cd\n')), {
      maxLength: 60,
    });
    fc.assert(
      fc.property(texts, fc.integer({ min: 64, max: 200 }), (pieces, limit) => {
        const text = exactLines(pieces.join('')).join('\n');
        const result = inParts(text, limit);
        if (result.outcome === 'page_only') return;
        expect(result.parts.join('')).toBe(text);
        for (const part of result.parts) {
          expect(part.length).toBeLessThanOrEqual(limit);
          expect(part.isWellFormed()).toBe(true);
          expect(part).not.toMatch(/\\(?:u\{[0-9A-F]*|x|x2|x5)$/);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  test('H46: past twenty it is for the page only, and nobody gets nineteen of them', () => {
    expect(inParts('x'.repeat(64 * MAX_PARTS), 64)).toMatchObject({ outcome: 'parts' });
    expect(inParts('x'.repeat(64 * MAX_PARTS + 1), 64)).toEqual({ outcome: 'page_only' });
  });

  test('a place may count in bytes', () => {
    const bytes = (text: string) => new TextEncoder().encode(text).length;
    const result = inParts('€'.repeat(100), 64, bytes);
    if (result.outcome === 'page_only') throw new Error('it fits');
    expect(result.parts.every((part) => bytes(part) <= 64)).toBe(true);
    expect(result.parts.join('')).toBe('€'.repeat(100));
  });

  test('a million characters are refused in a moment', () => {
    expect(inParts('ab '.repeat(400_000), 4_000)).toEqual({ outcome: 'page_only' });
  });
});
