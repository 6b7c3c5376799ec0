// The end of a linking that did not work: why in plain words, what to do, and what the gateway said of it.
import { Alert, Button, Code, Group, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { href } from '../../app/router.ts';
import { Copy } from '../../shared/Copy.tsx';
import { Rich } from '../../shared/Rich.tsx';
import { text } from '../../text/say.ts';
import { installOf, needsForce, type Target, whyOf } from './linking.ts';
import { settingsPath } from './words.ts';

const says = text.linking;

interface LinkFailedProps {
  readonly failed: { readonly detail: string; readonly hint?: string | undefined };
  readonly target: Target;
  /** Begins anew and ends what is there. */
  readonly onForce: () => void;
  readonly onAgain: () => void;
  readonly onLeave: () => void;
}

export function LinkFailed({ failed, target, onForce, onAgain, onLeave }: LinkFailedProps): ReactNode {
  const { detail, hint } = failed;
  const why = whyOf(detail);
  const install = why === 'library' || why === 'version' ? installOf(hint) : null;
  return (
    <Stack gap="md" data-testid="link-failed" data-why={why}>
      <Alert color="orange" variant="light" title={says.ended} role="alert">
        <Stack gap="xs">
          <Text size="sm">{says.why[why]}</Text>
          {install !== null && (
            <Group gap="sm">
              <Code className="link-command">{install}</Code>
              <Copy text={install} label={text.settings.file.copy} />
            </Group>
          )}
          {needsForce(why) && <Text size="sm">{says.forceWhy}</Text>}
          <Text size="sm" c="dimmed">
            {says.said}: <Rich text={detail} />
          </Text>
        </Stack>
      </Alert>
      <Group gap="sm">
        {needsForce(why) ? (
          <>
            <Button data-testid="leave-linked" onClick={onLeave}>
              {says.leave}
            </Button>
            <Button variant="outline" color="red" data-testid="force-linking" onClick={onForce}>
              {says.force}
            </Button>
          </>
        ) : (
          <Button data-testid="retry-linking" onClick={onAgain}>
            {says.tryAgain}
          </Button>
        )}
        {(why === 'off' || why === 'impostor') && (
          <a
            href={href('settings', {
              at: settingsPath(target, why === 'off' ? 'web.enabled' : 'waWebSocketUrl'),
            })}
          >
            {says.toSettings}
          </a>
        )}
      </Group>
    </Stack>
  );
}
