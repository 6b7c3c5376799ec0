// A person in a line: the id that cannot change, then the name somebody gave them, quoted (R67).
import { visible } from '@countersign/protocol/display';
import type { ReactNode } from 'react';
import { Name } from '../shared/Name.tsx';
import { shortId } from '../shared/short-id.ts';

interface PersonLabelProps {
  readonly id: string;
  /** Null while it is not known. */
  readonly name: string | null;
}

export function PersonLabel({ id, name }: PersonLabelProps): ReactNode {
  if (name === null) return <code>{visible(id)}</code>;
  return (
    <>
      <code>{visible(shortId(id))}</code> <Name text={name} />
    </>
  );
}
