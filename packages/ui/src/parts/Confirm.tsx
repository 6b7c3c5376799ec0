// For what cannot be taken back: says what ends, and the focus stands on keeping it.
import type { Problem } from '@countersign/protocol/problem';
import { Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { Decide } from './Decide.tsx';

interface ConfirmProps {
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly title: string;
  /** What ends, and what does not. */
  readonly children: ReactNode;
  readonly keep: string;
  readonly yes: string;
  readonly onYes: () => void;
  readonly isBusy?: boolean;
  readonly ask?: ReactNode;
  readonly problem?: Problem | null;
  readonly testId?: string;
}

export function Confirm({ children, keep, yes, onYes, onClose, ...rest }: ConfirmProps): ReactNode {
  return (
    <Decide
      {...rest}
      onClose={onClose}
      answers={[
        { id: 'keep', label: keep, kind: 'safe', press: onClose },
        { id: 'confirm', label: yes, kind: 'grave', press: onYes },
      ]}
    >
      <Text component="div">{children}</Text>
    </Decide>
  );
}
