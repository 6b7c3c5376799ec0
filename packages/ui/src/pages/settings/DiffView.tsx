// Lines that go and lines that come: by colour, by sign, and by a word for who sees neither.
import type { ConfigLine } from '@countersign/protocol/config';
import { visible } from '@countersign/protocol/display';
import { VisuallyHidden } from '@mantine/core';
import type { ReactNode } from 'react';
import { text } from '../../text/say.ts';
import { rowsOf } from './diff.ts';

const says = text.settings.review;
const SIGNS = { same: ' ', gone: '−', new: '+' } as const;

export function DiffView({ lines }: { readonly lines: readonly ConfigLine[] }): ReactNode {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: long lines are scrolled with the keyboard
    <section className="set-code" aria-label={says.lines} tabIndex={0} data-testid="diff">
      <ol>
        {rowsOf(lines).map((row, at) =>
          row.kind === 'gap' ? (
            // biome-ignore lint/suspicious/noArrayIndexKey: the rows of one diff never move
            <li key={at} data-kind="gap">
              <span aria-hidden="true">⋯</span>
              <VisuallyHidden>{says.gap}</VisuallyHidden>
            </li>
          ) : (
            // biome-ignore lint/suspicious/noArrayIndexKey: the rows of one diff never move
            <li key={at} data-kind={row.kind}>
              <span className="set-line" aria-hidden="true">
                {row.line}
              </span>
              <span className="set-sign" aria-hidden="true">
                {SIGNS[row.kind]}
              </span>
              {row.kind !== 'same' && (
                <VisuallyHidden>{row.kind === 'new' ? says.added : says.removed} </VisuallyHidden>
              )}
              <code>{visible(row.text.replaceAll('\t', '    '))}</code>
            </li>
          ),
        )}
      </ol>
    </section>
  );
}
