// Small things this browser remembers between visits. Storage may be closed to us: then nothing is remembered, and
// nothing breaks.

export type Remembered =
  | 'name'
  | 'name-asked'
  | 'device'
  | 'scopes'
  | 'language'
  | 'tour'
  | `paired.${string}`;

const PREFIX = 'countersign.';

export function remember(what: Remembered, value: string): void {
  try {
    localStorage.setItem(PREFIX + what, value);
  } catch {
    // See above: forgetting is the worst that happens.
  }
}

export function recall(what: Remembered): string | null {
  try {
    return localStorage.getItem(PREFIX + what);
  } catch {
    return null;
  }
}
