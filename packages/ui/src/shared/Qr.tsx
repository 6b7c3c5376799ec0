// A QR code, drawn as one SVG path: no markup from text, no image from elsewhere. Dark on white in both schemes, with
// the quiet zone scanners need.
import type { ReactNode } from 'react';
import { drawingOf } from './qr-path.ts';

export function Qr({ text, label }: { readonly text: string; readonly label: string }): ReactNode {
  const { side, path } = drawingOf(text);
  return (
    <svg
      className="qr"
      viewBox={`0 0 ${side} ${side}`}
      role="img"
      aria-label={label}
      shapeRendering="crispEdges"
    >
      <rect width={side} height={side} fill="#fff" />
      <path d={path} fill="#000" />
    </svg>
  );
}
