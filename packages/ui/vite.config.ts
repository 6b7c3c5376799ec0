// Two pages, two bundles, nothing inline: the gateway serves them under `default-src 'none'` and Trusted Types, so the
// build may not emit an inline script, an inline style or a data: script.
import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { entryName, WORKER, workerOfBuild } from './sw-build.ts';

const page = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

// What is built is what is shipped: under a test runner NODE_ENV is `test`, and React would come in its development build,
// three times the weight.
process.env['NODE_ENV'] = 'production';

export default defineConfig({
  root: page('.'),
  base: '/',
  plugins: [react(), workerOfBuild()],
  // Replaced by the gateway in each answer (gateway/pages.ts).
  html: { cspNonce: '__NONCE__' },
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    assetsDir: 'assets',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: true,
    manifest: 'manifest.json',
    rolldownOptions: {
      input: { house: page('index.html'), chat: page('chat.html'), [WORKER]: page('src/sw/sw.ts') },
      output: { entryFileNames: entryName },
    },
  },
});
