// Who may import whom: the third section of the architecture, one named rule for each banned edge, with its reason.
// test/architecture.test.ts plants a violation of every rule below and demands to see it caught.
// Types count as imports (tsPreCompilationDeps). Stay on TypeScript 6: with 7 this tool sees no module and is content.

const TEST = '\\.test\\.tsx?$';
const PROTOCOL = '^packages/protocol/';
const GATEWAY = '^packages/countersign/src/';
// Who wants a gateway gets a whole one: listening (run), or in this process (in-process), both made by compose.
const ENTRANCES = `${GATEWAY}gateway/(compose|run|in-process)\\.ts$`;
const COMPOSING = `${GATEWAY}cli/(transport\\.ts$|commands/(gateway|demo)[^/]*\\.ts$)`;
const NPM = ['npm', 'npm-dev', 'npm-optional', 'npm-peer', 'npm-bundled', 'npm-no-pkg', 'npm-unknown'];

/** `from` may import, of ours, nothing but `of`. */
const onlyOurs = (name, from, of, comment, more = {}) => ({
  name,
  severity: 'error',
  comment,
  from: { path: from, pathNot: [TEST, ...(more.except ?? [])] },
  to: { path: '^packages/[^/]+/(?!node_modules/)', pathNot: of },
});

/** `from` may load, of other people's packages, nothing but `packages`. */
const onlyNpm = (name, from, packages, comment) => ({
  name,
  severity: 'error',
  comment,
  from: { path: from, pathNot: TEST },
  to: {
    path: '(^|/)node_modules/',
    pathNot: [`(^|/)node_modules/(${packages.join('|') || '-'})/`, '(^|/)node_modules/@countersign/'],
  },
});

/** `from` may load, of Node, nothing but `modules`. */
const onlyNode = (name, from, modules, comment) => ({
  name,
  severity: 'error',
  comment,
  from: { path: from, pathNot: TEST },
  to: { dependencyTypes: ['core'], pathNot: `^(node:)?(${modules.join('|') || '-'})$` },
});

const forbidden = [
  // 1. protocol
  onlyOurs(
    'protocol-imports-nothing-of-ours',
    PROTOCOL,
    [PROTOCOL],
    'A backend that verifies a token must not install a gateway.',
  ),
  onlyNpm(
    'protocol-loads-zod-and-jose-only',
    PROTOCOL,
    ['zod', 'jose', 'canonicalize'],
    'Every verifier installs what protocol installs: two libraries, and the canonical form of RFC 8785.',
  ),
  onlyNode(
    'protocol-loads-nothing-of-node',
    PROTOCOL,
    [],
    'The Control UI and the web chat load protocol in a browser; WebCrypto is there on both sides.',
  ),

  // 2. core
  onlyOurs(
    'core-imports-protocol-only',
    `${GATEWAY}core/`,
    [`${GATEWAY}core/`, PROTOCOL],
    'The domain knows no store, channel, framework or configuration: it names ports, others implement them.',
  ),
  onlyNpm(
    'core-loads-pure-libraries-only',
    `${GATEWAY}core/`,
    ['otplib', '@otplib/[^/]+', 'unbash', 'canonicalize'],
    'Core may use a library that does one computation. A library that does I/O belongs behind a port.',
  ),
  onlyNode(
    'core-loads-node-crypto-only',
    `${GATEWAY}core/`,
    ['crypto'],
    'No file, no socket, no process in the domain; of crypto only what computes (scripts/lib/world.mjs checks which).',
  ),

  // 3. store, channels, agents, runtime: never each other
  ...['store', 'agents', 'runtime', 'channels'].map((folder) =>
    onlyOurs(
      `${folder}-imports-core-and-protocol-only`,
      `${GATEWAY}${folder}/`,
      [`${GATEWAY}(${folder}|core)/`, PROTOCOL],
      'What implements a port knows the port, not its neighbours: compose.ts introduces them to each other.',
    ),
  ),
  {
    name: 'channels-never-import-each-other',
    severity: 'error',
    comment:
      'A channel is proven by the conformance suite alone; one that leans on another is proven by neither.',
    from: { path: `${GATEWAY}channels/([^/]+)/` },
    to: { path: `${GATEWAY}channels/([^/]+)/`, pathNot: `${GATEWAY}channels/$1/` },
  },
  {
    name: 'channels-never-reach-the-store',
    severity: 'error',
    comment: 'By no detour either: a channel that could write people could pair a stranger.',
    from: { path: `${GATEWAY}channels/`, pathNot: TEST },
    to: { path: `${GATEWAY}store/`, reachable: true },
  },
  {
    name: 'drivers-in-dialects-only',
    severity: 'error',
    comment:
      'Only dialects/ knows which database it is. runtime/ keeps the lock of the home, which is SQLite too.',
    from: { path: '^packages/', pathNot: [TEST, `${GATEWAY}store/dialects/`, `${GATEWAY}runtime/`] },
    to: { path: ['(^|/)node_modules/(pg|@electric-sql/pglite)/', '^(node:)?sqlite$'] },
  },
  {
    name: 'kysely-in-store-only',
    severity: 'error',
    comment: 'The Store port speaks properties, not rows.',
    from: { path: '^packages/', pathNot: `${GATEWAY}store/` },
    to: { path: '(^|/)node_modules/kysely/' },
  },

  // 4. inside a channel
  onlyOurs(
    'wire-imports-core-only',
    `${GATEWAY}channels/[^/]+/wire\\.ts$`,
    [`${GATEWAY}core/`, `${GATEWAY}channels/[^/]+/traits\\.ts$`, PROTOCOL],
    'wire.ts verifies and parses, pure: bytes in, Inbound out. What it cannot reach it cannot confuse. Traits are data.',
  ),
  onlyNpm(
    'wire-loads-no-vendor-library',
    `${GATEWAY}channels/[^/]+/wire\\.ts$`,
    ['zod'],
    'A vendor library that parses for us decides identity for us. zod is how we parse.',
  ),
  onlyNode(
    'wire-loads-node-crypto-only',
    `${GATEWAY}channels/[^/]+/wire\\.ts$`,
    ['crypto'],
    'Verification needs hashes and keys, never a file or a socket.',
  ),

  // 5. routes
  onlyOurs(
    'routes-call-services-only',
    `${GATEWAY}gateway/routes/`,
    [`${GATEWAY}(core|gateway)/`, PROTOCOL],
    'A route parses, calls one service and prints. It holds no rule and names no store.',
  ),

  // 6. compose
  onlyOurs(
    'only-compose-names-concrete-classes',
    `${GATEWAY}(gateway|index\\.ts$)`,
    [`${GATEWAY}(core|gateway|config)/`, PROTOCOL],
    'compose.ts builds everything, channels by its table in channel-factory.ts; run.ts takes the home for it. Whoever else builds has a second truth.',
    { except: [`${GATEWAY}gateway/(compose|run|channel-factory)\\.ts$`] },
  ),
  onlyOurs(
    'config-imports-core-and-runtime-only',
    `${GATEWAY}config/`,
    [`${GATEWAY}(config|core|runtime)/`, PROTOCOL],
    'The configuration is read before anything is built; of runtime it takes how a file is written whole.',
  ),
  {
    name: 'gateway-is-entered-at-the-front',
    severity: 'error',
    comment:
      'A client that imports the inside of the gateway is not a client. Only the embedder and the CLI compose it.',
    from: { path: '^packages/', pathNot: [TEST, `${GATEWAY}(gateway|testing|demo)/`] },
    to: { path: `${GATEWAY}gateway/`, pathNot: ENTRANCES },
  },
  {
    name: 'nobody-imports-the-cli',
    severity: 'error',
    comment: 'The CLI is an outermost layer: terminal manners and argv never leak inwards.',
    from: { path: '^packages/', pathNot: [TEST, `${GATEWAY}cli/`] },
    to: { path: `${GATEWAY}cli/` },
  },

  // 7. clients
  onlyOurs(
    'cli-commands-are-clients',
    `${GATEWAY}cli/`,
    [`${GATEWAY}(cli|config|exec|clients)/`, PROTOCOL],
    'A verb speaks the HTTP API like everybody else; only transport.ts, gateway run and the demo compose the gateway.',
    { except: [COMPOSING] },
  ),
  onlyOurs(
    'cli-composes-and-nothing-more',
    COMPOSING,
    [`${GATEWAY}(cli|config|runtime|core|demo)/`, ENTRANCES, PROTOCOL],
    'Even the commands that run a gateway take it whole; they name no store and no channel.',
  ),
  onlyOurs(
    'demo-composes-in-memory-only',
    `${GATEWAY}demo/`,
    [
      `${GATEWAY}(demo|core|config|runtime|exec)/`,
      `${GATEWAY}(store/open|agents/echo|gateway/([a-z-]*services|compose))\\.ts$`,
      `${GATEWAY}channels/loopback/`,
      PROTOCOL,
    ],
    'The demo is the one other place that builds services: on real code, with what needs no account and no port.',
  ),
  onlyOurs(
    'exec-is-a-client',
    `${GATEWAY}exec/`,
    [`${GATEWAY}exec/`, PROTOCOL],
    'The wrapper verifies grants itself; it could be rewritten in Rust.',
  ),
  onlyOurs(
    'clients-are-clients',
    `${GATEWAY}clients/`,
    [`${GATEWAY}clients/`, `${GATEWAY}exec/action\\.ts$`, PROTOCOL],
    'Hooks and MCP run beside the agent and hold no right of the gateway. They may build an action as exec does.',
  ),
  onlyOurs(
    'openclaw-plugin-imports-protocol-only',
    '^packages/openclaw/',
    ['^packages/openclaw/', PROTOCOL],
    'It is loaded into the OpenClaw process, which must not load our database.',
  ),
  onlyOurs(
    'ui-imports-protocol-only',
    '^packages/ui/',
    ['^packages/ui/', PROTOCOL],
    'The browser is a client. The server is the state.',
  ),
  onlyNode('ui-loads-nothing-of-node', '^packages/ui/src/', [], 'There is no Node in a browser.'),

  // 8. testing
  {
    name: 'nothing-imports-testing',
    severity: 'error',
    comment:
      'Fakes never ship inside the thing they fake. The ./channel export offers the conformance suite to others.',
    from: { path: '^packages/', pathNot: [TEST, `${GATEWAY}testing/`, `${GATEWAY}channel\\.ts$`] },
    to: { path: `${GATEWAY}testing/` },
  },
  {
    name: 'nothing-imports-a-test',
    severity: 'error',
    comment: 'A test is run, never imported: importing one would run it twice.',
    from: {},
    to: { path: TEST },
  },

  // What makes the rules above worth something
  {
    name: 'packages-meet-at-their-exports',
    severity: 'error',
    comment: 'A relative path into another package works here and breaks in the packed one.',
    from: { path: '^packages/([^/]+)/' },
    to: { path: '^packages/', pathNot: '^packages/$1/', dependencyTypes: ['local'], dependencyTypesNot: NPM },
  },
  {
    name: 'no-cycle',
    severity: 'error',
    comment:
      'Two files that need each other are one file. (Types and imports made when used close no circle at load time.)',
    from: {},
    to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only', 'dynamic-import'] } },
  },
  {
    name: 'every-import-resolves',
    severity: 'error',
    comment:
      "An edge that cannot be followed cannot be judged. Only OpenClaw's own SDK comes with the program that loads us.",
    from: { path: '^packages/' },
    to: { couldNotResolve: true, pathNot: '^openclaw/' },
  },
  {
    name: 'every-package-is-declared',
    severity: 'error',
    comment: "Hoisting lets an undeclared import work here and fail on the owner's machine.",
    from: { path: '^packages/', pathNot: TEST },
    to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
  },
  {
    name: 'sources-load-no-development-package',
    severity: 'error',
    comment:
      'A packed package has no devDependencies. The conformance suites in testing/ bring vitest as their own.',
    from: { path: '^packages/(?!ui/)[^/]+/src/', pathNot: [TEST, `${GATEWAY}testing/`] },
    to: {
      dependencyTypes: ['npm-dev'],
      dependencyTypesNot: ['npm', 'npm-peer', 'npm-optional', 'type-only'],
    },
  },
];

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden,
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: ['(^|/)dist/', '(^|/)fixtures/'] },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'types', 'node', 'default'],
      extensions: ['.ts', '.tsx', '.js', '.mjs', '.json'],
    },
  },
};
