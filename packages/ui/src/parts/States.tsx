// The four states of everything that is asked for: not here yet, not to be had, empty, there. What was there stays while
// it is asked again or the gateway is away.

import type { Problem } from '@countersign/protocol/problem';
import { Alert, Button, Paper, Skeleton, Stack, Text, VisuallyHidden } from '@mantine/core';
import type { ReactNode } from 'react';
import { Rich } from '../shared/Rich.tsx';
import { saidOf } from '../shared/Trouble.tsx';
import { text } from '../text/say.ts';
import { Icon, type IconName } from './Icon.tsx';

interface StatesProps {
  readonly of: {
    readonly problem: Problem | null;
    readonly isLoading: boolean;
    again(): void;
  };
  /** True when there is something to show. */
  readonly has: boolean;
  readonly empty: ReactNode;
  readonly children: ReactNode;
}

export function States({ of, has, empty, children }: StatesProps): ReactNode {
  return (
    <>
      {of.problem !== null && <Failed problem={of.problem} again={of.again} />}
      {has ? children : of.isLoading ? <Loading /> : of.problem === null && empty}
    </>
  );
}

export function Loading({ lines = 3 }: { readonly lines?: number }): ReactNode {
  return (
    <Stack gap="sm" aria-busy="true" data-testid="loading">
      <VisuallyHidden role="status">{text.shell.loading}</VisuallyHidden>
      {Array.from({ length: lines }, (_, line) => line).map((line) => (
        <Skeleton key={line} height={56} radius="md" />
      ))}
    </Stack>
  );
}

export function Failed({
  problem,
  again,
}: {
  readonly problem: Problem;
  readonly again?: () => void;
}): ReactNode {
  const said = saidOf(problem);
  return (
    <Alert color="red" variant="light" title={<Rich text={said.title} />} role="alert" data-testid="failed">
      <Stack gap="xs" align="flex-start">
        {said.hint !== '' && (
          <Text size="sm">
            <Rich text={said.hint} />
          </Text>
        )}
        {again !== undefined && (
          <Button size="compact-sm" variant="default" onClick={again}>
            {text.shell.again}
          </Button>
        )}
      </Stack>
    </Alert>
  );
}

interface EmptyProps {
  readonly title: string;
  /** What will be here, or what to do to have it. */
  readonly children?: ReactNode;
  readonly icon?: IconName;
  readonly action?: ReactNode;
}

export function Empty({ title, children, icon = 'check', action }: EmptyProps): ReactNode {
  return (
    <Paper withBorder radius="lg" p="xl" data-testid="empty">
      <Stack align="center" gap="xs" ta="center">
        <span className="empty-mark">
          <Icon name={icon} size={26} />
        </span>
        <Text fw={600}>{title}</Text>
        {children !== undefined && (
          <Text component="div" c="dimmed" maw="52ch">
            {children}
          </Text>
        )}
        {action}
      </Stack>
    </Paper>
  );
}
