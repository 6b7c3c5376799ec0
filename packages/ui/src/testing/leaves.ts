// A catalogue taken apart for tests: each sentence under its path, and what it says of one, of two and of something named.

export interface Said {
  /** With the number 1 in every place, with 2, and with a name for each place; of a plain sentence all the same. */
  readonly one: string;
  readonly two: string;
  readonly many: string;
}

const MARKS = ['x1x', 'x2x', 'x3x', 'x4x'];

export function leaves(catalogue: object): ReadonlyMap<string, Said> {
  return new Map(walk(catalogue, ''));
}

function* walk(part: unknown, path: string): Generator<readonly [string, Said]> {
  if (typeof part === 'string') yield [path, { one: part, two: part, many: part }];
  else if (isSaid(part)) yield [path, spoken(part)];
  else if (typeof part === 'object' && part !== null)
    for (const [name, inner] of Object.entries(part))
      yield* walk(inner, path === '' ? name : `${path}.${name}`);
}

function isSaid(part: unknown): part is (...about: readonly unknown[]) => unknown {
  return typeof part === 'function';
}

function spoken(say: (...about: readonly unknown[]) => unknown): Said {
  const asked = (about: readonly unknown[]): string => String(say(...about));
  return { one: asked([1, 1, 1, 1]), two: asked([2, 2, 2, 2]), many: asked(MARKS) };
}
