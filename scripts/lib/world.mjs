// Time, chance, environment and timers come in through ports, so that a test can hold them still. This reads the syntax
// tree (a linter's pattern sees `Date.now` but not `const { now } = Date`) and reports who reaches past the ports.
import ts from 'typescript';
import { isSource, read, typescriptFiles } from './files.mjs';

const gateway = (folders) => new RegExp(`^packages/countersign/(src/)?(${folders})(/|\\.ts$)`);
const UI = /^packages\/ui\//;

/** What may be touched where, and why. `may` names the places; a rule without a place for a file forbids it. */
const WORLD_RULES = {
  time: {
    may: [gateway('runtime|cli|demo|bin|testing'), UI],
    why: 'time is `now: Millis` from the Clock port: a test must be able to hold it still',
  },
  chance: {
    may: [gateway('runtime|bin|clients'), /^packages\/ui\/src\/(.*\/)?(device-key|browser-ports)\.ts$/],
    why: 'chance is the Random port: codes and ids must be reproducible in tests and unbiased in life; a client names its tries',
  },
  environment: {
    may: [gateway('runtime|config|cli|bin')],
    why: 'the environment is read once, by config/load.ts: elsewhere it would be a second, unchecked configuration',
  },
  timer: {
    may: [gateway('runtime|config|gateway|channels|agents|exec|clients|cli|demo|bin|testing'), UI],
    why: 'nothing in core or store schedules: expiry is computed on read, never trusted to a timer',
  },
  'next turn': {
    may: [/^packages\/(?!countersign\/src\/core\/|protocol\/)/],
    why: 'core does not schedule; the store may let one turn of the loop pass, to commit a group at once',
  },
  'node crypto': {
    may: [/^packages\/(?!countersign\/src\/core\/)/],
    why: 'core takes from node:crypto what computes (hashes, HMAC, constant-time compare); the rest is a port',
  },
};

const MEMBERS = {
  Date: { now: 'time' },
  performance: { now: 'time', timeOrigin: 'time' },
  Math: { random: 'chance' },
  crypto: { getRandomValues: 'chance', randomUUID: 'chance', randomBytes: 'chance', randomInt: 'chance' },
  process: { env: 'environment', hrtime: 'time', uptime: 'time' },
  AbortSignal: { timeout: 'timer' },
};
const GLOBALS = { setTimeout: 'timer', setInterval: 'timer', setImmediate: 'next turn' };
const IMPORTS = {
  'node:timers': { setImmediate: 'next turn', '*': 'timer' },
  'node:timers/promises': { setImmediate: 'next turn', '*': 'timer' },
  'node:process': { env: 'environment', hrtime: 'time' },
  'node:perf_hooks': { performance: 'time' },
  'node:crypto': {
    ...Object.fromEntries(
      [
        'randomBytes',
        'randomInt',
        'randomUUID',
        'randomFill',
        'randomFillSync',
        'getRandomValues',
        'webcrypto',
      ].map((name) => [name, 'chance']),
    ),
    '*': 'node crypto',
  },
};
const PURE_CRYPTO = ['createHash', 'createHmac', 'hash', 'timingSafeEqual'];

/**
 * Every place under `root` that reaches past the ports, as `path:line: what (rule): why`.
 * @returns {string[]}
 */
export function worldMistakes(root) {
  return typescriptFiles(root)
    .filter(isSource)
    .flatMap((path) => fileMistakes(path, read(root, path)));
}

/** @returns {string[]} */
export function fileMistakes(path, text) {
  const kind = path.endsWith('x') ? ts.ScriptKind.TSX : ts.ScriptKind.TS;
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true, kind);
  const mistakes = [];
  const report = (node, rule, what) => {
    if (WORLD_RULES[rule].may.some((place) => place.test(path))) return;
    const { line } = file.getLineAndCharacterOfPosition(node.getStart(file));
    mistakes.push(`${path}:${line + 1}: ${what} (${rule}): ${WORLD_RULES[rule].why}`);
  };
  const visit = (node) => {
    if (ts.isTypeNode(node)) return; // `ReturnType<typeof setTimeout>` touches nothing.
    for (const [rule, what] of touches(node)) report(node, rule, what);
    ts.forEachChild(node, visit);
  };
  visit(file);
  return mistakes;
}

function touches(node) {
  if (ts.isPropertyAccessExpression(node)) return member(objectName(node.expression), node.name.text);
  if (ts.isElementAccessExpression(node) && ts.isStringLiteralLike(node.argumentExpression)) {
    return member(objectName(node.expression), node.argumentExpression.text);
  }
  if (ts.isVariableDeclaration(node) && node.initializer && ts.isObjectBindingPattern(node.name)) {
    const object = objectName(node.initializer);
    return node.name.elements.flatMap(({ propertyName, name }) =>
      member(object, (propertyName ?? name).getText()),
    );
  }
  if (ts.isNewExpression(node) && objectName(node.expression) === 'Date' && !node.arguments?.length) {
    return [['time', 'new Date()']];
  }
  if (ts.isCallExpression(node)) {
    const name = objectName(node.expression);
    if (name === 'Date') return [['time', 'Date()']];
    return Object.hasOwn(GLOBALS, name ?? '') ? [[GLOBALS[name], name]] : [];
  }
  return ts.isImportDeclaration(node) ? imported(node) : [];
}

function member(object, name) {
  const table = Object.hasOwn(MEMBERS, object ?? '') ? MEMBERS[object] : {};
  return Object.hasOwn(table, name) ? [[table[name], `${object}.${name}`]] : [];
}

/** `Date`, `globalThis.Date` and `window.Date` are one name; anything computed is none. */
function objectName(expression) {
  if (ts.isIdentifier(expression)) return expression.text;
  const global = ts.isPropertyAccessExpression(expression) && ts.isIdentifier(expression.expression);
  return global && ['globalThis', 'window', 'self'].includes(expression.expression.text)
    ? expression.name.text
    : undefined;
}

function imported(node) {
  const from = node.moduleSpecifier.text.replace(
    /^(?!node:)(?=(timers|crypto|process|perf_hooks)\b)/,
    'node:',
  );
  const table = Object.hasOwn(IMPORTS, from) ? IMPORTS[from] : undefined;
  const clause = node.importClause;
  if (!table || !clause || clause.isTypeOnly) return [];
  if (!clause.namedBindings || ts.isNamespaceImport(clause.namedBindings)) {
    // The whole module was taken: what is used of it cannot be told, so it counts as all of it.
    return [...new Set(Object.values(table))].map((rule) => [rule, `all of ${from}`]);
  }
  return clause.namedBindings.elements.flatMap((element) => {
    const name = (element.propertyName ?? element.name).text;
    if (element.isTypeOnly || (from === 'node:crypto' && PURE_CRYPTO.includes(name))) return [];
    const rule = Object.hasOwn(table, name) ? table[name] : table['*'];
    return rule ? [[rule, `${name} of ${from}`]] : [];
  });
}
