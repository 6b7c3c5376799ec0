// What this browser may not do yet, and the way on: said instead of offering what would be refused.
import { Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { useRoute } from '../../app/router.ts';
import { provingHref } from '../../app/way-back.ts';
import { text } from '../../text/say.ts';

export function ProveFirst({ children }: { readonly children: string }): ReactNode {
  const route = useRoute();
  return (
    <Text size="sm">
      {children} <a href={provingHref(route)}>{text.devices.proveFirst}</a>
    </Text>
  );
}
