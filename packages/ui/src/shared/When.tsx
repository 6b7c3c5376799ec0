// A moment: relative to read, exact on hover and for programs.
import type { ReactNode } from 'react';
import { exact, relative } from './time.ts';

export function When({ at }: { readonly at: string }): ReactNode {
  const ms = Date.parse(at);
  if (Number.isNaN(ms)) return null;
  return (
    <time dateTime={at} title={exact(ms)}>
      {relative(ms, Date.now())}
    </time>
  );
}
