// A page: its name, one sentence about it, what can be done on it, and what is on it.
import { Group, Stack, Text, Title } from '@mantine/core';
import { type ReactNode, useEffect, useRef } from 'react';
import { text } from '../text/say.ts';

interface PageProps {
  readonly title: string;
  readonly about?: string;
  readonly actions?: ReactNode;
  readonly children: ReactNode;
}

export function Page({ title, about, actions, children }: PageProps): ReactNode {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · ${text.shell.product}`;
    // A new page begins at its name: for the eye at the top, for a screen reader with the focus.
    heading.current?.focus({ preventScroll: true });
    scrollTo(0, 0);
  }, [title]);
  return (
    <Stack gap="lg">
      <Group justify="space-between" align="flex-start" gap="md">
        <Stack gap={4} className="page-head">
          <Title order={1} size="h2" ref={heading} tabIndex={-1} data-testid="page-title">
            {title}
          </Title>
          {about !== undefined && (
            <Text c="dimmed" maw="60ch">
              {about}
            </Text>
          )}
        </Stack>
        {actions !== undefined && <Group gap="xs">{actions}</Group>}
      </Group>
      {children}
    </Stack>
  );
}
