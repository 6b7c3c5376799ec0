// What happened, and to whom, in a corner of the page and to a screen reader; with the way back where there is one.
import { Button, Group, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import type { ReactNode } from 'react';
import { text } from '../text/say.ts';

const SHOWN_MS = 6_000;
const WITH_UNDO_MS = 12_000;

export interface Told {
  /** Already a sentence of ours: names in it went through `visible`. */
  readonly text: string;
  readonly tone?: 'done' | 'trouble';
  /** Takes it back; what it answers is told as well. */
  readonly undo?: () => Promise<string | null>;
}

let count = 0;

export function tell({ text: said, tone = 'done', undo }: Told): void {
  count += 1;
  const id = `told-${count}`;
  notifications.show({
    id,
    color: tone === 'done' ? 'sage' : 'red',
    withBorder: true,
    autoClose: undo === undefined ? SHOWN_MS : WITH_UNDO_MS,
    closeButtonProps: { 'aria-label': text.shell.close },
    message: <Message said={said} undo={undo} id={id} />,
  });
}

interface MessageProps {
  readonly said: string;
  readonly undo: Told['undo'];
  readonly id: string;
}

function Message({ said, undo, id }: MessageProps): ReactNode {
  const back = async (): Promise<void> => {
    notifications.hide(id);
    const answer = await undo?.();
    if (typeof answer === 'string') tell({ text: answer });
  };
  return (
    <Group justify="space-between" gap="sm" wrap="nowrap" data-testid="told">
      <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
        {said}
      </Text>
      {undo !== undefined && (
        <Button size="compact-sm" variant="default" style={{ flex: 'none' }} onClick={() => void back()}>
          {text.shell.undo}
        </Button>
      )}
    </Group>
  );
}
