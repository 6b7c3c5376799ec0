// When recovery codes run low: said while a new set can still be made.
const LOW = 3;

export function recoveryWarning(left: number): 'out' | 'low' | null {
  if (left <= 0) return 'out';
  return left <= LOW ? 'low' : null;
}
