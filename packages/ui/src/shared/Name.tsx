// A name is what somebody says about themselves (R67): quoted, its invisible characters written out, never a heading.
import { visible } from '@countersign/protocol/display';
import type { ReactNode } from 'react';

export function Name({ text }: { readonly text: string }): ReactNode {
  return <q className="name">{visible(text)}</q>;
}
