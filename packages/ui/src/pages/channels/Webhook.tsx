// The address that the service of an account delivers to: to be entered there, by hand, exactly as it is.
import type { AccountStatus } from '@countersign/protocol/gateway';
import { Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { useRead } from '../../app/queries.ts';
import { href } from '../../app/router.ts';
import { Copy } from '../../shared/Copy.tsx';
import { text } from '../../text/say.ts';
import { titleOf, webhookOf, wordOf } from './words.ts';

const says = text.channels.webhook;

interface WebhookProps {
  readonly row: Pick<AccountStatus, 'channel' | 'account'>;
  /** As the gateway has just said it. */
  readonly address?: string | undefined;
}

export function Webhook({ row, address }: WebhookProps): ReactNode {
  const config = useRead(
    'config',
    ['publicUrl'],
    async (api) => (await api.config.get('gateway.publicUrl')).value,
  );
  const at = address ?? webhookOf(row, config.value);
  const step = wordOf(says.steps, row.channel);
  if (at === null && config.isLoading) return null;
  return (
    <Stack gap={4} align="flex-start" data-testid="webhook">
      {at === null ? (
        <Text size="sm">
          {says.noAddress} <a href={href('settings', { at: 'gateway.publicUrl' })}>{says.setAddress}</a>
        </Text>
      ) : (
        <>
          <code className="webhook">{at}</code>
          <Copy text={at} label={says.copy} of={titleOf(row, text.channels)} />
          {step !== null && (
            <Text size="sm" c="dimmed">
              {step}
            </Text>
          )}
        </>
      )}
    </Stack>
  );
}
