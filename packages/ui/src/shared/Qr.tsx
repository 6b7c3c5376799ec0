// A QR code, drawn as one SVG path: no markup from text, no image from elsewhere. Dark on white in both schemes, with
// the quiet zone scanners need.
import type { ReactNode } from 'react';
import { encode } from 'uqr';

const QUIET = 4;

export function Qr({ text, label }: { readonly text: string; readonly label: string }): ReactNode {
  const { size, data } = encode(text, { ecc: 'M', border: 0 });
  const side = size + 2 * QUIET;
  return (
    <svg
      className="qr"
      viewBox={`0 0 ${side} ${side}`}
      role="img"
      aria-label={label}
      shapeRendering="crispEdges"
    >
      <rect width={side} height={side} fill="#fff" />
      <path d={pathOf(data)} fill="#000" />
    </svg>
  );
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
