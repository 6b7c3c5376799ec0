// Pairs of a word and a value, as a description list.
import { Fragment, type ReactNode } from 'react';

export type Fact = readonly [term: string, value: ReactNode];

export function Facts({ facts }: { readonly facts: readonly (Fact | null)[] }): ReactNode {
  return (
    <dl className="facts">
      {facts
        .filter((fact) => fact !== null)
        .map(([term, value], at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: two may have the same term, and none moves
          <Fragment key={`${at} ${term}`}>
            <dt>{term}</dt>
            <dd>{value}</dd>
          </Fragment>
        ))}
    </dl>
  );
}
