// A decision in a dialog. What is decided is read before anything can be pressed; the focus stands on the safe answer
// (R47), the arrows move between the answers, Escape closes without one.
import type { Problem } from '@countersign/protocol/problem';
import { Button, Group, Stack } from '@mantine/core';
import { type KeyboardEvent, type ReactNode, useRef } from 'react';
import { Dialog } from './Dialog.tsx';
import { Failed } from './States.tsx';

export interface Answer {
  readonly id: string;
  readonly label: string;
  /** `safe` gets the focus: exactly one of them. `grave` takes something away for good. */
  readonly kind: 'safe' | 'yes' | 'grave' | 'other';
  readonly isDisabled?: boolean;
  press(): void;
}

interface DecideProps {
  readonly title: string;
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly answers: readonly Answer[];
  readonly isBusy?: boolean;
  /** The question for a proof, while there is one (useAct). */
  readonly ask?: ReactNode;
  readonly problem?: Problem | null;
  readonly children: ReactNode;
  readonly testId?: string;
}

const LOOK = {
  safe: { variant: 'filled', color: 'sage' },
  yes: { variant: 'outline', color: 'sage' },
  grave: { variant: 'outline', color: 'red' },
  other: { variant: 'default', color: 'gray' },
} as const satisfies Record<Answer['kind'], { variant: string; color: string }>;

export function Decide(props: DecideProps): ReactNode {
  const { title, isOpen, onClose, answers, isBusy = false, ask, problem = null, children, testId } = props;
  const group = useRef<HTMLDivElement>(null);
  const onKey = (event: KeyboardEvent): void => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const buttons: Element[] = [...(group.current?.querySelectorAll('button:not(:disabled)') ?? [])];
    const at = document.activeElement === null ? -1 : buttons.indexOf(document.activeElement);
    const next = buttons[(at + step + buttons.length) % buttons.length];
    if (next instanceof HTMLElement) next.focus();
  };
  return (
    <Dialog opened={isOpen} onClose={onClose} title={title} size="lg" data-testid={testId}>
      <Stack gap="md">
        {children}
        {ask}
        {problem !== null && <Failed problem={problem} />}
        <Group ref={group} gap="sm" onKeyDown={onKey} className="answers">
          {answers.map(({ id, label, kind, isDisabled = false, press }) => (
            <Button
              key={id}
              {...LOOK[kind]}
              disabled={isBusy || isDisabled}
              data-testid={id}
              {...(kind === 'safe' ? { 'data-autofocus': true } : {})}
              onClick={press}
            >
              {label}
            </Button>
          ))}
        </Group>
      </Stack>
    </Dialog>
  );
}
