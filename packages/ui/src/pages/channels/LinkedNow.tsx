// The end of a linking that worked: who we are there, and what comes next.
import { visible } from '@countersign/protocol/display';
import { Button, Group, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { go } from '../../app/router.ts';
import { text } from '../../text/say.ts';

const says = text.linking;

interface LinkedNowProps {
  readonly login: string | undefined;
  readonly onClose: () => void;
}

export function LinkedNow({ login, onClose }: LinkedNowProps): ReactNode {
  return (
    <Stack gap="md" data-testid="link-linked">
      <Text fw={600} role="status">
        {login === undefined ? says.linkedQuiet : says.linked(visible(login))}
      </Text>
      <Text>{says.linkedNext}</Text>
      <Group gap="sm">
        <Button data-testid="linked-done" onClick={onClose}>
          {says.done}
        </Button>
        <Button variant="default" onClick={() => go('pairings')}>
          {text.channels.add.toPairings}
        </Button>
      </Group>
    </Stack>
  );
}
