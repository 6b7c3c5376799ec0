// Signals for a command that we run: what is sent to us is meant for it.

const FORWARDED = ['SIGINT', 'SIGQUIT', 'SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGUSR2'] as const;
/** A terminal sends these to everybody in front of it: the command has had its own already. */
const TYPED: ReadonlySet<string> = new Set(['SIGINT', 'SIGQUIT']);

/** @param isTyped whether a terminal is in front of us. @returns what ends it. */
export function forwardSignals(kill: (signal: NodeJS.Signals) => void, isTyped: boolean): () => void {
  const handlers = FORWARDED.map((signal) => {
    const handle = () => {
      if (!isTyped || !TYPED.has(signal)) kill(signal);
    };
    process.on(signal, handle);
    return [signal, handle] as const;
  });
  return () => {
    for (const [signal, handle] of handlers) process.off(signal, handle);
  };
}
