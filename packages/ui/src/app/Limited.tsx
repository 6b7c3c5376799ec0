// A browser that came by a code may do little until a factor was proven on it: said on every page, with the way on.
import { Alert, Button, Group, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { rightsOf } from '../house/rights.ts';
import { text } from '../text/say.ts';
import { useOwnDevice } from './me.ts';
import { href, useRoute } from './router.ts';

export function Limited(): ReactNode {
  const own = useOwnDevice();
  const { page } = useRoute();
  if (own === null || rightsOf(own).afterProof.length === 0 || page === 'factors') return null;
  return (
    <Alert color="orange" variant="light" mb="lg" data-testid="limited">
      <Group justify="space-between" gap="sm">
        <Text size="sm">{text.shell.limited}</Text>
        <Button component="a" size="compact-sm" variant="default" href={href('factors', { prove: '1' })}>
          {text.shell.limitedAction}
        </Button>
      </Group>
    </Alert>
  );
}
