// Writes the generated parts of the documents, and docs/errors.md with them.
import { writeFileSync } from 'node:fs';
import { ERRORS_DOC, errorsDoc } from './lib/errors-doc.mjs';
import { ensureNode } from './lib/node.mjs';

ensureNode();
const { writeParts } = await import('./lib/docs.mjs');
const { PROBLEMS } = await import('../packages/protocol/src/problem.ts');
writeFileSync(ERRORS_DOC, errorsDoc(PROBLEMS));
const changed = await writeParts();
console.log(changed.length === 0 ? 'every document was up to date' : `written: ${changed.join(', ')}`);
