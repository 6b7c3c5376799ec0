// npm start: the UI if it is stale, then the gateway in this very process, so that signals need no messenger.
import { buildUiIfStale } from './lib/ui.mjs';

try {
  await buildUiIfStale((text) => process.stderr.write(`${text}\n`));
} catch (error) {
  process.stderr.write(
    `error: ${error.message}\nhint: npm run ui:build shows the same; npm ci repairs a broken install\n`,
  );
  process.exit(1);
}
process.argv = [process.argv[0], 'countersign', 'gateway', 'run', ...process.argv.slice(2)];
await import('../packages/countersign/bin/countersign.js');
