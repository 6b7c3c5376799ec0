// What is given to a command to read, whose text nobody here can see: only its digest is in the action.
import type { Listing } from '../shell/listing.ts';
import type { ActionFacts } from './risk.ts';

/** As if it came out of a pipe: a shell that runs such text is no better for it that it was read before somebody was asked. */
export function fed(listing: Listing, action: Extract<ActionFacts, { kind: 'exec' }>): Listing {
  if (action.stdin?.kind !== 'bytes' || action.stdin.size === 0) return listing;
  const commands = listing.commands.map((command) =>
    command.input.kind === 'inherited' ? { ...command, input: { kind: 'pipe', from: [] } as const } : command,
  );
  return { ...listing, commands };
}
