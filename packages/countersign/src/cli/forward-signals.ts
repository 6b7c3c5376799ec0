// Signals for a command that we run: what is sent to us is meant for it, and reaches it once. A terminal sends Ctrl-C to everybody
// in front of it: the command has had that by itself, and a second one means more than the first to many programs.
import { closeSync, openSync } from 'node:fs';
import { Bystander } from './bystander.ts';

const FORWARDED = ['SIGQUIT', 'SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGUSR2'] as const;

/** @param isTyped whether a terminal is at one of our ends. @returns what ends it. */
export function forwardSignals(kill: (signal: NodeJS.Signals) => void, isTyped: boolean): () => void {
  const beside = isTyped || hasTerminal() ? new Bystander() : null;
  const interrupt = async () => {
    const wasAlone = (await beside?.wasAlone()) ?? !isTyped;
    if (wasAlone) kill('SIGINT');
  };
  const handlers = FORWARDED.map((signal) => {
    const handle = () => {
      if (!isTyped || signal !== 'SIGQUIT') kill(signal);
    };
    process.on(signal, handle);
    return [signal, handle] as const;
  });
  process.on('SIGINT', interrupt);
  return () => {
    for (const [signal, handle] of handlers) process.off(signal, handle);
    process.off('SIGINT', interrupt);
    beside?.stop();
  };
}

/** One that could be typed at, wherever our ends lead: `a | countersign exec b > c` in a shell. */
function hasTerminal(): boolean {
  try {
    closeSync(openSync('/dev/tty', 'r'));
    return true;
  } catch {
    return false;
  }
}
