// A value of the policy: text to read, or the button that changes it.
import { visible } from '@countersign/protocol/display';
import { UnstyledButton } from '@mantine/core';
import type { ReactNode } from 'react';
import { text } from '../../text/say.ts';
import { shownValue, type Value } from './values.ts';

export type Edit = ((value: Value) => void) | null;

export function ValueButton({ value, edit }: { readonly value: Value; readonly edit: Edit }): ReactNode {
  const said = visible(shownValue(value));
  if (edit === null) return said;
  return (
    <UnstyledButton
      className="policy-value"
      aria-label={`${said}. ${text.policy.edit.title(visible(value.path))}`}
      data-testid={`value-${value.path}`}
      onClick={() => edit(value)}
    >
      {said}
    </UnstyledButton>
  );
}
