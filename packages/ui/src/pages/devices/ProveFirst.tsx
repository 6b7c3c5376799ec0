// What this browser may not do yet, and the way on: said instead of offering what would be refused.
import { Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { href } from '../../app/router.ts';
import { text } from '../../text/say.ts';

export function ProveFirst({ children }: { readonly children: string }): ReactNode {
  return (
    <Text size="sm">
      {children} <a href={href('factors', { prove: '1' })}>{text.devices.proveFirst}</a>
    </Text>
  );
}
