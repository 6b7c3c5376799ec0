// A browser that came by a code may do little until a factor was proven on it: said on every page, with the way on, and from
// there back to the page.
import { Alert, Button, Group, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { text } from '../text/say.ts';
import { useIsLimited } from './me.ts';
import { useRoute } from './router.ts';
import { provingHref } from './way-back.ts';

export function Limited(): ReactNode {
  const isLimited = useIsLimited();
  const route = useRoute();
  if (!isLimited || route.page === 'factors') return null;
  return (
    <Alert color="orange" variant="light" mb="lg" data-testid="limited">
      <Group justify="space-between" gap="sm">
        <Text size="sm">{text.shell.limited}</Text>
        <Button component="a" size="compact-sm" variant="default" href={provingHref(route)}>
          {text.shell.limitedAction}
        </Button>
      </Group>
    </Alert>
  );
}
