// Why a browser was not reached.
import { Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { text } from '../../text/say.ts';

const says = text.push;

export function Failing({ why }: { readonly why: string }): ReactNode {
  return (
    <Text size="sm" c="var(--warn)" data-testid="push-failing">
      {says.failing(why)}
      {why === 'refused_403' && ` ${says.failingApple}`}
    </Text>
  );
}
