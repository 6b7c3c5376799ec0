// Text of others on the page: text nodes, escapes and links. No HTML at any point.
import type { ReactNode } from 'react';
import { type Piece, pieces } from './text.ts';

export function Rich({ text }: { readonly text: string }): ReactNode {
  // biome-ignore lint/suspicious/noArrayIndexKey: the pieces of one text never move, their place is their key
  return pieces(text).map((piece, place) => <One key={`${place}${piece.kind}`} piece={piece} />);
}

function One({ piece }: { readonly piece: Piece }): ReactNode {
  switch (piece.kind) {
    case 'text':
      return piece.text;
    case 'mark':
      return <span className="unseen">{piece.text}</span>;
    case 'link':
      return (
        <a href={piece.href} target="_blank" rel="noopener noreferrer nofollow">
          {piece.text}
        </a>
      );
    default:
      return piece satisfies never;
  }
}
