// The gateway for other programs: run it, or call its API in this process.
export { openInProcess } from './gateway/in-process.ts';
export { runGateway } from './gateway/run.ts';
