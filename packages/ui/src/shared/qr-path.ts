// The modules of a QR code as one path of an SVG. Pure.
import { encode } from 'uqr';

/** The white border that scanners need, in modules. */
const QUIET = 4;

/** What a code of that text looks like, on a square of so many modules. */
export function drawingOf(text: string): { readonly side: number; readonly path: string } {
  const { size, data } = encode(text, { ecc: 'M', border: 0 });
  return { side: size + 2 * QUIET, path: pathOf(data) };
}

/** One stroke for each run of dark modules in a row. */
export function pathOf(rows: readonly (readonly boolean[])[]): string {
  const path: string[] = [];
  for (const [y, row] of rows.entries()) {
    for (let x = 0; x < row.length; x += 1) {
      const from = x;
      while (row[x] === true) x += 1;
      if (x > from) path.push(`M${from + QUIET} ${y + QUIET}h${x - from}v1h-${x - from}z`);
    }
  }
  return path.join('');
}
