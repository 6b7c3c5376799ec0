// Elevation: an owner lets one agent do what is elevated for a while, unasked. It is begun here, with a proof each time; what
// lasts stands above every page, and is ended there.
import { visible } from '@countersign/protocol/display';
import type { PolicyView } from '@countersign/protocol/policy';
import { Button, NativeSelect, Stack, Text } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useAct } from '../../app/act.ts';
import { useElevations } from '../../app/elevations.ts';
import { useHouse } from '../../house/context.ts';
import { Decide } from '../../parts/Decide.tsx';
import { Panel } from '../../parts/Panel.tsx';
import { When } from '../../shared/When.tsx';
import { house } from '../../strings-house.ts';
import { text } from '../../text/say.ts';
import { useAgents } from './agents.ts';

const says = text.policy.elevation;
const LASTS = ['5m', '15m', '30m', '1h'] as const;

interface ElevationProps {
  readonly policy: PolicyView;
  readonly mayBegin: boolean;
}

export function Elevation({ policy, mayBegin }: ElevationProps): ReactNode {
  const live = useElevations();
  const [isOpen, setOpen] = useState(false);
  return (
    <Panel
      title={says.title}
      about={says.about}
      testId="elevation"
      actions={
        mayBegin && (
          <Button variant="default" data-testid="elevate" onClick={() => setOpen(true)}>
            {says.open}
          </Button>
        )
      }
    >
      {live.length === 0 ? (
        <Text size="sm" c="dimmed">
          {says.none}
        </Text>
      ) : (
        live.map(({ id, agent, until }) => (
          <Text key={id} size="sm" component="div">
            {text.shell.elevated.title(visible(agent))}; {text.shell.elevated.ends} <When at={until} />.
          </Text>
        ))
      )}
      {isOpen && <Begin policy={policy} onClose={() => setOpen(false)} />}
    </Panel>
  );
}

interface BeginProps {
  readonly policy: PolicyView;
  readonly onClose: () => void;
}

function Begin({ policy, onClose }: BeginProps): ReactNode {
  const { api } = useHouse();
  const { own, others, isLoading } = useAgents(policy);
  const [picked, setPicked] = useState<string | null>(null);
  const agent = picked ?? own ?? '';
  const [lasts, setLasts] = useState<(typeof LASTS)[number]>('15m');
  const what = { for: lasts, ...(agent === '' ? {} : { agent }) };
  const { act, isBusy, ask, problem } = useAct({
    ...{ kinds: [], title: house.proof.title, text: house.proof.text },
    ask: (plain) => plain.elevations.prove(what),
  });
  const begin = async (): Promise<void> => {
    const done = await act({
      work: (_, proof) => api(proof ?? undefined).elevations.begin(what),
      needsProof: true,
      changes: ['policy', 'overview', 'audit'],
      said: (row) => says.done(visible(row.agent)),
    });
    if (done) onClose();
  };
  return (
    <Decide
      title={agent === '' ? says.dialog : says.dialogFor(visible(agent))}
      isOpen
      onClose={onClose}
      isBusy={isBusy}
      ask={ask}
      problem={problem}
      answers={[
        { id: 'keep-asking', label: says.keep, kind: 'safe', press: onClose },
        {
          id: 'elevate-yes',
          label: says.yes,
          kind: 'grave',
          isDisabled: isLoading,
          press: () => void begin(),
        },
      ]}
      testId="elevate-dialog"
    >
      <Stack gap="md">
        <Text>{says.dialogAbout}</Text>
        <NativeSelect
          label={says.agent}
          value={agent}
          disabled={isLoading}
          data={[
            { value: own ?? '', label: own === null ? says.usual : says.usualNamed(visible(own)) },
            ...others.map((one) => ({ value: one, label: visible(one) })),
          ]}
          data-testid="elevate-agent"
          onChange={({ currentTarget }) => setPicked(currentTarget.value)}
        />
        <NativeSelect
          label={says.forHowLong}
          value={lasts}
          data={LASTS.map((value) => ({ value, label: says.lasts[value] }))}
          data-testid="elevate-for"
          onChange={({ currentTarget }) =>
            setLasts(LASTS.find((one) => one === currentTarget.value) ?? '15m')
          }
        />
      </Stack>
    </Decide>
  );
}
