// One violation for each import rule: the smallest file that breaks it, and nothing else it could be caught for by name.
// `at` is the file, `imports` the module it must not have; the tree around it is made by architecture.test.ts.

export interface Plant {
  readonly rule: string;
  readonly at: string;
  readonly imports: string;
}

const src = 'packages/countersign/src';

export const PLANTS: readonly Plant[] = [
  { rule: 'protocol-imports-nothing-of-ours', at: 'packages/protocol/src/a.ts', imports: 'countersign' },
  { rule: 'protocol-loads-zod-and-jose-only', at: 'packages/protocol/src/b.ts', imports: 'hono' },
  { rule: 'protocol-loads-nothing-of-node', at: 'packages/protocol/src/c.ts', imports: 'node:fs' },
  { rule: 'core-imports-protocol-only', at: `${src}/core/a.ts`, imports: '../store/open.ts' },
  { rule: 'core-loads-pure-libraries-only', at: `${src}/core/b.ts`, imports: 'hono' },
  { rule: 'core-loads-node-crypto-only', at: `${src}/core/c.ts`, imports: 'node:fs' },
  { rule: 'store-imports-core-and-protocol-only', at: `${src}/store/a.ts`, imports: '../config/load.ts' },
  { rule: 'agents-imports-core-and-protocol-only', at: `${src}/agents/a.ts`, imports: '../runtime/clock.ts' },
  { rule: 'runtime-imports-core-and-protocol-only', at: `${src}/runtime/a.ts`, imports: '../store/open.ts' },
  {
    rule: 'channels-imports-core-and-protocol-only',
    at: `${src}/channels/x/a.ts`,
    imports: '../../agents/echo.ts',
  },
  { rule: 'channels-never-import-each-other', at: `${src}/channels/x/b.ts`, imports: '../y/channel.ts' },
  { rule: 'channels-never-reach-the-store', at: `${src}/channels/x/c.ts`, imports: '../../detour.ts' },
  { rule: 'drivers-in-dialects-only', at: `${src}/store/people.ts`, imports: 'node:sqlite' },
  { rule: 'kysely-in-store-only', at: `${src}/gateway/a.ts`, imports: 'kysely' },
  { rule: 'wire-imports-core-only', at: `${src}/channels/x/wire.ts`, imports: './channel.ts' },
  { rule: 'wire-loads-no-vendor-library', at: `${src}/channels/y/wire.ts`, imports: 'hono' },
  { rule: 'wire-loads-node-crypto-only', at: `${src}/channels/z/wire.ts`, imports: 'node:net' },
  { rule: 'routes-call-services-only', at: `${src}/gateway/routes/a.ts`, imports: '../../config/load.ts' },
  {
    rule: 'only-compose-names-concrete-classes',
    at: `${src}/gateway/b.ts`,
    imports: '../channels/y/channel.ts',
  },
  { rule: 'config-imports-core-and-runtime-only', at: `${src}/config/a.ts`, imports: '../store/open.ts' },
  { rule: 'gateway-is-entered-at-the-front', at: `${src}/cli/transport.ts`, imports: '../gateway/app.ts' },
  { rule: 'nobody-imports-the-cli', at: `${src}/gateway/c.ts`, imports: '../cli/terminal.ts' },
  { rule: 'cli-commands-are-clients', at: `${src}/cli/commands/people.ts`, imports: '../../store/open.ts' },
  {
    rule: 'cli-composes-and-nothing-more',
    at: `${src}/cli/commands/demo.ts`,
    imports: '../../channels/y/channel.ts',
  },
  { rule: 'demo-composes-in-memory-only', at: `${src}/demo/a.ts`, imports: '../channels/y/channel.ts' },
  { rule: 'exec-is-a-client', at: `${src}/exec/run.ts`, imports: '../core/ports.ts' },
  { rule: 'clients-are-clients', at: `${src}/clients/mcp.ts`, imports: '../exec/run.ts' },
  { rule: 'openclaw-plugin-imports-protocol-only', at: 'packages/openclaw/src/a.ts', imports: 'countersign' },
  { rule: 'ui-imports-protocol-only', at: 'packages/ui/src/a.ts', imports: 'countersign' },
  { rule: 'ui-loads-nothing-of-node', at: 'packages/ui/src/b.ts', imports: 'node:fs' },
  { rule: 'nothing-imports-testing', at: `${src}/gateway/d.ts`, imports: '../testing/fakes.ts' },
  { rule: 'nothing-imports-a-test', at: `${src}/gateway/e.ts`, imports: './app.test.ts' },
  { rule: 'packages-meet-at-their-exports', at: `${src}/core/d.ts`, imports: '../../../protocol/src/ids.ts' },
  { rule: 'no-cycle', at: `${src}/core/a-circle.ts`, imports: './circle.ts' },
  { rule: 'every-import-resolves', at: `${src}/core/f.ts`, imports: './nowhere.ts' },
  { rule: 'every-package-is-declared', at: `${src}/gateway/f.ts`, imports: 'left-pad' },
  { rule: 'sources-load-no-development-package', at: `${src}/gateway/g.ts`, imports: 'vitest' },
];

/** What the plants reach for, and edges that are allowed: none of these may be reported. */
export const GOOD: Readonly<Record<string, string>> = {
  'packages/protocol/src/index.ts': "import 'zod';\nimport './ids.ts';\n",
  'packages/protocol/src/ids.ts': 'export {};\n',
  [`${src}/index.ts`]: "import './gateway/compose.ts';\n",
  [`${src}/channel.ts`]: "import './core/ports.ts';\nimport './testing/fakes.ts';\n",
  [`${src}/detour.ts`]: "import './store/open.ts';\n",
  [`${src}/core/ports.ts`]: "import '@countersign/protocol';\nimport 'node:crypto';\nimport 'unbash';\n",
  [`${src}/core/circle.ts`]: "import './a-circle.ts';\n",
  [`${src}/store/open.ts`]:
    "import '../core/ports.ts';\nimport './dialects/node-sqlite.ts';\nimport 'kysely';\n",
  [`${src}/store/dialects/node-sqlite.ts`]: "import 'node:sqlite';\nimport 'kysely';\n",
  [`${src}/channels/registry.ts`]: "import './y/channel.ts';\n",
  [`${src}/channels/x/channel.ts`]: "import '../../core/ports.ts';\nimport 'hono';\n",
  [`${src}/channels/y/channel.ts`]: "import '../../core/ports.ts';\nimport 'hono';\n",
  [`${src}/channels/good/wire.ts`]: "import '../../core/ports.ts';\nimport 'node:crypto';\nimport 'zod';\n",
  [`${src}/agents/echo.ts`]: "import '../core/ports.ts';\n",
  [`${src}/runtime/clock.ts`]: "import '../core/ports.ts';\nimport 'node:sqlite';\n",
  [`${src}/config/load.ts`]: "import '../core/ports.ts';\nimport '../runtime/clock.ts';\n",
  [`${src}/gateway/compose.ts`]:
    "import '../store/open.ts';\nimport '../channels/registry.ts';\nimport './app.ts';\n",
  [`${src}/gateway/in-process.ts`]: "import './compose.ts';\n",
  [`${src}/gateway/app.ts`]: "import './routes/people.ts';\nimport 'hono';\n",
  [`${src}/gateway/app.test.ts`]: "import './app.ts';\nimport '../testing/fakes.ts';\nimport 'vitest';\n",
  [`${src}/gateway/routes/people.ts`]: "import '../../core/ports.ts';\n",
  [`${src}/cli/terminal.ts`]: 'export {};\n',
  [`${src}/cli/commands/gateway.ts`]: "import '../../gateway/compose.ts';\nimport '../terminal.ts';\n",
  [`${src}/cli/commands/lazy.ts`]: "import('./verb.ts');\n",
  [`${src}/cli/commands/verb.ts`]: "import './lazy.ts';\nimport 'commander';\n",
  [`${src}/cli/commands/exec.ts`]: "import '../../exec/action.ts';\n",
  [`${src}/exec/action.ts`]: "import '@countersign/protocol';\n",
  [`${src}/clients/hook.ts`]: "import '../exec/action.ts';\n",
  [`${src}/demo/demo.ts`]: "import '../store/open.ts';\nimport '../core/ports.ts';\n",
  [`${src}/testing/fakes.ts`]: "import '../core/ports.ts';\nimport 'vitest';\n",
  'packages/ui/src/main.tsx': "import '@countersign/protocol';\nimport 'react';\n",
};
