// Writes docs/errors.md from the problem table.
import { writeFileSync } from 'node:fs';
import { ERRORS_DOC, errorsDoc } from './lib/errors-doc.mjs';
import { ensureNode } from './lib/node.mjs';

ensureNode();
const { PROBLEMS } = await import('../packages/protocol/src/problem.ts');
writeFileSync(ERRORS_DOC, errorsDoc(PROBLEMS));
