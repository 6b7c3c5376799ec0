// npm run ui:dev [-- --still --people 1000 --events 10000 --port 5173]: the Control UI with every page full and the code
// reloading as it is edited. A house of its own in the temporary folder, no account anywhere, loopback only.
// Invariants: no home but its own is opened, the pages run under the policy that is shipped (but for Vite's own inline
// script), and nothing is left when it ends.
import { createServer as createHttp } from 'node:http';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { ensureNode, root } from './lib/node.mjs';

ensureNode();

const { values } = parseArgs({
  options: {
    still: { type: 'boolean', default: false },
    people: { type: 'string' },
    events: { type: 'string' },
    port: { type: 'string', default: '5173' },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  console.log(`npm run ui:dev [-- options]

  --still        nothing happens by itself
  --people <n>   so many people (30)
  --events <n>   at least so many audit events
  --port <n>     where the pages are opened (5173, or the next free one)`);
  process.exit(0);
}

// The house is a throw-away: what the environment says of a real one is not for it.
for (const name of Object.keys(process.env)) if (name.startsWith('COUNTERSIGN_')) delete process.env[name];

const { createServer } = await import('vite');
const { controlPolicy, NONCE_PLACEHOLDER, STRICT_POLICY } = await import(
  '../packages/countersign/src/gateway/page-policy.ts'
);
const { runFullHouse } = await import('../packages/countersign/src/testing/full-house/running.ts');

const say = (line) => console.log(line);
// A server of our own: Vite's would end this process by itself, and leave the house behind.
const http = createHttp();
const port = await listen(Number(values.port));
let vite;
let input;
say('building a house …');
try {
  await runFullHouse({
    still: values.still,
    ...(values.people === undefined ? {} : { people: Number(values.people) }),
    ...(values.events === undefined ? {} : { events: Number(values.events) }),
    origin: `http://localhost:${port}`,
    say: (line) => say(`  ${line}`),
    up: async ({ url, code }) => {
      vite = await createServer(settings(url));
      http.on('request', vite.middlewares);
      const at = `http://localhost:${port}/`;
      say(`
  ${at}           the Control UI; your browser is let in by itself, as Olga
  ${at}chat       web chat, as a stranger
  ${at}#/pairings where people wait

  Olga's authenticator app says ${code()} now; Enter here for the next code
  ${values.still ? 'nothing happens by itself' : 'a stranger comes every 20 s, a channel fails every minute (--still: nothing does)'}
  Ctrl-C ends it, and nothing is left of it
`);
      input = createInterface({ input: process.stdin });
      input.on('line', () => say(`  the app says ${code()}`));
    },
  });
} finally {
  input?.close();
  await vite?.close();
  http.closeAllConnections();
  http.close();
}

/** That port of loopback, or the next free one of ten. */
async function listen(wanted) {
  for (let port = wanted; port < wanted + 10; port += 1) {
    const taken = await new Promise((resolve) => {
      http.once('error', resolve);
      http.listen({ host: 'localhost', port }, () => resolve(null));
    });
    http.removeAllListeners('error');
    if (taken === null) return port;
  }
  throw new Error(`the ports from ${wanted} on are taken`);
}

/** Vite in front: pages and modules by itself, everything of the gateway passed on under the name the browser used. */
function settings(gateway) {
  const target = gateway.replace(/\/$/, '');
  const passed = Object.fromEntries(
    ['/api', '/healthz', '/readyz', '/openapi.json'].map((path) => [path, { target }]),
  );
  return {
    root: `${root}packages/ui`,
    configFile: `${root}packages/ui/vite.config.ts`,
    mode: 'development',
    logLevel: 'warn',
    clearScreen: false,
    plugins: [developing(), pages()],
    server: {
      middlewareMode: { server: http },
      hmr: { server: http },
      host: 'localhost',
      cors: false,
      proxy: { ...passed, '^/ws$': { target: target.replace('http:', 'ws:'), ws: true } },
    },
  };
}

/** The configuration builds what is shipped, whoever starts it; here React is to say what is wrong. */
function developing() {
  return {
    name: 'countersign:developing',
    config: () => {
      process.env.NODE_ENV = 'development';
    },
  };
}

/** `/chat` as the gateway names it, and both pages under their policies. */
function pages() {
  return {
    name: 'countersign:pages',
    configureServer: ({ middlewares }) => {
      middlewares.use((request, response, next) => {
        const path = (request.url ?? '').split('?', 1)[0];
        const isChat = path === '/chat' || path === '/chat.html';
        if (path === '/chat') request.url = '/chat.html';
        if (isChat || path === '/') response.setHeader('content-security-policy', policy(isChat));
        next();
      });
    },
  };
}

/** As shipped, with the nonce that Vite puts on its own tags, and a fixed one: nothing is secret here. */
function policy(isChat) {
  const nonce = `'nonce-${NONCE_PLACEHOLDER}'`;
  return (
    isChat
      ? STRICT_POLICY.replace("style-src 'self'", `style-src 'self' ${nonce}`)
      : controlPolicy(NONCE_PLACEHOLDER)
  ).replace("script-src 'self'", `script-src 'self' ${nonce}`);
}
