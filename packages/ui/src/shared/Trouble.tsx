// What the gateway refused, in its words; they are text of others and shown as such.
import type { Problem } from '@countersign/protocol/problem';
import type { ReactNode } from 'react';
import { house } from '../strings-house.ts';
import { Rich } from './Rich.tsx';

export interface Said {
  readonly title: string;
  readonly detail: string;
  readonly hint: string;
}

export function saidOf(problem: Problem): Said {
  if (problem.code === 'gateway_down') return { title: house.trouble.network, detail: '', hint: '' };
  return { title: problem.message, detail: '', hint: problem.hint ?? '' };
}

/** An alert that is always there and mostly empty: a screen reader hears what comes into it. */
export function Trouble({ said, id }: { readonly said: Said | null; readonly id?: string }): ReactNode {
  return (
    <div className="fault" role="alert" id={id}>
      {said !== null && (
        <>
          <p className="said">
            <strong>
              <Rich text={said.title === '' ? house.trouble.title : said.title} />
            </strong>
          </p>
          {[said.detail, said.hint]
            .filter((text) => text !== '')
            .map((text) => (
              <p key={text} className="said">
                <Rich text={text} />
              </p>
            ))}
        </>
      )}
    </div>
  );
}
