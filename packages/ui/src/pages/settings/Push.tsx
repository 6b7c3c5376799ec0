// Notifications: of this browser, and which others are told. What cannot be is explained, with what to do about it.
import type { PushRow } from '@countersign/protocol/push';
import { Alert, Button, Group, Stack, Text } from '@mantine/core';
import { type ReactNode, useEffect, useState } from 'react';
import { type Acting, useAct } from '../../app/act.ts';
import { useMay } from '../../app/me.ts';
import { useRead } from '../../app/queries.ts';
import { tell } from '../../app/told.tsx';
import { Panel } from '../../parts/Panel.tsx';
import { Failed, States } from '../../parts/States.tsx';
import { language, text } from '../../text/say.ts';
import { askPermission, ownSubscription, ownSupport, type Support, subscribe } from './browser-push.ts';
import { Failing } from './PushFailing.tsx';
import { PushOthers } from './PushOthers.tsx';

const says = text.push;

export function Push(): ReactNode {
  const may = useMay();
  const isAsked = may('pairing') || may('manage');
  const list = useRead('push', ['list'], (api) => api.push.list(), { enabled: isAsked });
  const acting = useAct();
  return (
    <Panel title={says.title} about={says.about} testId="push">
      {isAsked ? (
        <States of={list} has={list.value !== null} empty={null}>
          {list.value !== null && (
            <>
              <Here
                publicKey={list.value.publicKey}
                rows={list.value.items.filter(({ mine }) => mine)}
                acting={acting}
              />
              {acting.ask}
              {acting.problem !== null && <Failed problem={acting.problem} />}
              <PushOthers rows={list.value.items.filter(({ mine }) => !mine)} />
            </>
          )}
        </States>
      ) : (
        <Text c="dimmed">{says.noRight}</Text>
      )}
    </Panel>
  );
}

interface HereProps {
  readonly publicKey: string;
  readonly rows: readonly PushRow[];
  readonly acting: Acting;
}

function Here({ publicKey, rows, acting }: HereProps): ReactNode {
  const [support, setSupport] = useState<Support>(ownSupport);
  const isSubscribed = useSubscribed(support, rows);
  const row = rows.at(-1);
  const isOn = row !== undefined && isSubscribed;

  async function turnOn(): Promise<void> {
    // First of all: browsers ask only while what was pressed is fresh.
    const isAllowed = await askPermission();
    setSupport(ownSupport());
    if (!isAllowed) return tell({ text: says.refused, tone: 'trouble' });
    const asked = await subscribe(publicKey, language).catch(() => null);
    if (asked === null)
      return tell({ text: `${says.notSubscribed} ${says.notSubscribedHint}`, tone: 'trouble' });
    await acting.act({
      work: (api) => api.push.subscribe(asked),
      changes: ['push'],
      said: () => says.turnedOn,
    });
  }

  async function turnOff(): Promise<void> {
    const done = await acting.act({
      work: (api) => Promise.all(rows.map(({ id }) => api.push.revoke(id))),
      changes: ['push'],
      said: () => says.turnedOff,
    });
    if (done) await (await ownSubscription())?.unsubscribe();
  }

  const test = (id: string): Promise<boolean> =>
    acting.act({
      work: (api) => api.push.test(id),
      changes: ['push'],
      said: ({ fate }) => {
        tell({ text: says.tested[fate], tone: fate === 'delivered' ? 'done' : 'trouble' });
        return null;
      },
    });

  if (support !== 'ready') return <Cannot support={support} />;
  return (
    <Stack gap="xs">
      <Group justify="space-between" gap="sm">
        <Stack gap={0}>
          <Text fw={600}>{says.here}</Text>
          <Text size="sm" c={isOn ? 'var(--ink)' : 'dimmed'} data-testid="push-state">
            {isOn ? says.on : says.off}
          </Text>
        </Stack>
        {isOn ? (
          <Group gap="xs">
            <Button
              variant="default"
              loading={acting.isBusy}
              onClick={() => void test(row.id)}
              data-testid="push-test"
            >
              {says.tryIt}
            </Button>
            <Button
              variant="default"
              loading={acting.isBusy}
              onClick={() => void turnOff()}
              data-testid="push-off"
            >
              {says.turnOff}
            </Button>
          </Group>
        ) : (
          <Button loading={acting.isBusy} onClick={() => void turnOn()} data-testid="push-on">
            {says.turnOn}
          </Button>
        )}
      </Group>
      {isOn && row.failing !== undefined && <Failing why={row.failing} />}
    </Stack>
  );
}

/** The browser may have lost its subscription while the gateway still has it. */
function useSubscribed(support: Support, rows: readonly PushRow[]): boolean {
  const [isSubscribed, setSubscribed] = useState(true);
  const ids = rows.map(({ id }) => id).join();
  useEffect(() => {
    if (support !== 'ready' || ids === '') return;
    let isOver = false;
    ownSubscription().then(
      (found) => isOver || setSubscribed(found !== null),
      () => isOver || setSubscribed(false),
    );
    return () => {
      isOver = true;
    };
  }, [support, ids]);
  return isSubscribed;
}

function Cannot({ support }: { readonly support: Exclude<Support, 'ready'> }): ReactNode {
  const hints = { denied: says.deniedHint, install: says.installHint, none: says.noneHint };
  return (
    <Alert color="gray" variant="light" title={says[support]} data-testid={`push-${support}`}>
      {hints[support]}
    </Alert>
  );
}
