// One account: a word for its state and what that means for whoever writes, then what is wrong and what to do about it.

import { visible } from '@countersign/protocol/display';
import type { AccountStatus } from '@countersign/protocol/gateway';
import { Alert, Button, Group, Paper, Stack, Text, Title } from '@mantine/core';
import { type ReactNode, useEffect, useId, useRef } from 'react';
import { useAct } from '../../app/act.ts';
import { useRead } from '../../app/queries.ts';
import { href } from '../../app/router.ts';
import { type Fact, Facts } from '../../parts/Facts.tsx';
import { Failed } from '../../parts/States.tsx';
import { Rich } from '../../shared/Rich.tsx';
import { When } from '../../shared/When.tsx';
import { text } from '../../text/say.ts';
import type { Checked } from './Channels.tsx';
import { PhoneActions } from './PhoneActions.tsx';
import { Webhook } from './Webhook.tsx';
import {
  hasWebhook,
  keyOf,
  loginOf,
  policySay,
  probeSay,
  settingsPath,
  titleOf,
  troubleOf,
} from './words.ts';
import './channels.css';

const says = text.channels;

interface AccountProps {
  readonly row: AccountStatus;
  /** The address points at it. */
  readonly isMeant: boolean;
  readonly checked: Checked | null;
  readonly onChecked: (row: AccountStatus) => void;
  /** Null: this browser may not, or it is no account that is linked by a phone. */
  readonly onLink: (() => void) | null;
}

export function Account({ row, isMeant, checked, onChecked, onLink }: AccountProps): ReactNode {
  const { act, isBusy, problem } = useAct();
  const place = useRef<HTMLHeadingElement>(null);
  const id = useId();
  const title = titleOf(row, says);
  useEffect(() => {
    if (!isMeant) return;
    place.current?.scrollIntoView({ block: 'center' });
    place.current?.focus({ preventScroll: true });
  }, [isMeant]);
  const trouble = troubleOf(row, says);
  const check = (): void =>
    void act({
      work: async (api) => (await api.channels.status({ probe: true })).items,
      changes: ['channels'],
      said: (items) => {
        const found = items.find((one) => keyOf(one) === keyOf(row));
        if (found !== undefined) onChecked(found);
        return null;
      },
    });
  return (
    <Paper
      component="li"
      withBorder
      radius="lg"
      p="lg"
      className="account"
      data-meant={isMeant}
      data-state={row.state}
      aria-labelledby={id}
    >
      <Stack gap="md">
        <Group justify="space-between" align="flex-start" gap="sm">
          <Stack gap={4} className="account-words">
            <Group gap="sm">
              <Title order={2} size="h4" id={id} ref={place} tabIndex={-1}>
                {title}
              </Title>
              <span className="account-state" data-state={row.state}>
                {says.state[row.state]}
              </span>
            </Group>
            <Text size="sm" c="dimmed">
              {says.means[row.state]}
            </Text>
          </Stack>
          {row.enabled && (
            <Button
              variant="default"
              size="compact-sm"
              disabled={isBusy}
              aria-label={says.checkOf(title)}
              onClick={check}
            >
              {isBusy ? says.checking : says.check}
            </Button>
          )}
        </Group>
        {trouble !== null && (
          <Alert color={row.state === 'failed' ? 'red' : 'orange'} variant="light">
            <Facts
              facts={[
                [says.wrong, <Rich key="what" text={trouble.what} />],
                [says.todo, <Rich key="todo" text={trouble.todo} />],
              ]}
            />
          </Alert>
        )}
        {row.channel === 'twilio' && row.enabled && <Carrier />}
        {row.state === 'off' && (
          <Text size="sm">
            {says.off} <a href={href('settings', { at: settingsPath(row, 'enabled') })}>{says.toSettings}</a>
          </Text>
        )}
        {onLink !== null && <PhoneActions row={row} title={title} onLink={onLink} />}
        <div>
          <Facts facts={factsOf(row, title)} />
          <div role="status">{checked !== null && <Probe checked={checked} />}</div>
        </div>
        {problem !== null && <Failed problem={problem} />}
      </Stack>
    </Paper>
  );
}

function factsOf(row: AccountStatus, title: string): readonly (Fact | null)[] {
  const isSpoken = row.state !== 'off';
  const when = (at: string | undefined): ReactNode => (at === undefined ? says.notYet : <When at={at} />);
  return [
    row.state === 'connected' && row.detail !== undefined ? [says.login, visible(loginOf(row.detail))] : null,
    row.enabled && hasWebhook(row, says) ? [says.webhook.at, <Webhook key="at" row={row} />] : null,
    isSpoken ? [says.lastIn, when(row.lastInboundAt)] : null,
    isSpoken ? [says.lastOut, when(row.lastOutboundAt)] : null,
    [
      says.who,
      <span key="who">
        {policySay(row.dmPolicy, says)}{' '}
        <a
          href={href('settings', { at: settingsPath(row, 'dmPolicy') })}
          aria-label={says.policyChangeOf(title)}
        >
          {says.policyChange}
        </a>
      </span>,
    ],
  ];
}

/** Said where the numbers are: whoever takes one over is let in by it. */
function Carrier(): ReactNode {
  const allowed = useRead('config', ['allowCarrier'], async (api) => api.config.get('login.allowCarrier'));
  if (allowed.value?.value !== true) return null;
  return (
    <Alert color="orange" variant="light" data-testid="carrier">
      {says.carrier} <a href={href('settings', { at: 'login.allowCarrier' })}>{says.carrierOff}</a>
    </Alert>
  );
}

function Probe({ checked }: { readonly checked: Checked }): ReactNode {
  const { isOk, said } = probeSay(checked.probe, says);
  return (
    <Text size="sm" className="probe" data-ok={isOk}>
      {says.checked} <When at={checked.at} />: <Rich text={said} />
    </Text>
  );
}
