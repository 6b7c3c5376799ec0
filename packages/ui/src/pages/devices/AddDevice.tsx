// A code that lets one more device ask. It gives nothing by itself: whoever uses it still stands in the list above.
import type { DeviceRow, Setup } from '@countersign/protocol/device';
import { Button, Group, SimpleGrid, Stack, Text } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useAct } from '../../app/act.ts';
import { useMay } from '../../app/me.ts';
import { Panel } from '../../parts/Panel.tsx';
import { Failed } from '../../parts/States.tsx';
import { text } from '../../text/say.ts';
import { ProveFirst } from './ProveFirst.tsx';
import { SetupCode } from './SetupCode.tsx';

const says = text.devices.add;

type Role = DeviceRow['role'];

export interface Made {
  readonly setup: Setup;
  readonly role: Role;
  /** Who waited already: the newcomer is somebody else. */
  readonly before: ReadonlySet<string>;
}

interface AddDeviceProps {
  readonly waiting: readonly DeviceRow[];
  readonly onOpen: (id: string) => void;
}

export function AddDevice({ waiting, onOpen }: AddDeviceProps): ReactNode {
  const { act, isBusy, ask, problem } = useAct();
  const may = useMay()('manage');
  const [made, setMade] = useState<Made | null>(null);
  const make = async (role: Role): Promise<void> => {
    setMade(null);
    await act({
      work: (api) => api.devices.setup({ role }),
      changes: [],
      said: (setup) => {
        setMade({ setup, role, before: new Set(waiting.map(({ id }) => id)) });
        return null;
      },
    });
  };
  return (
    <Panel title={says.title} about={says.about}>
      {may ? (
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          <Choice
            testId="add-device"
            label={says.operator}
            about={says.operatorAbout}
            isBusy={isBusy}
            onPress={() => void make('operator')}
          />
          <Choice
            testId="add-node"
            label={says.node}
            about={says.nodeAbout}
            isBusy={isBusy}
            onPress={() => void make('node')}
          />
        </SimpleGrid>
      ) : (
        <ProveFirst>{says.cannot}</ProveFirst>
      )}
      {ask}
      {problem !== null && <Failed problem={problem} />}
      {made !== null && (
        <SetupCode
          key={made.setup.setupCode}
          made={made}
          newcomer={waiting.find(({ id }) => !made.before.has(id)) ?? null}
          onAgain={() => void make(made.role)}
          onOpen={(id) => {
            setMade(null);
            onOpen(id);
          }}
          onClose={() => setMade(null)}
        />
      )}
    </Panel>
  );
}

interface ChoiceProps {
  readonly testId: string;
  readonly label: string;
  readonly about: string;
  readonly isBusy: boolean;
  readonly onPress: () => void;
}

function Choice({ testId, label, about, isBusy, onPress }: ChoiceProps): ReactNode {
  return (
    <Group gap="sm" justify="space-between" className="choice">
      <Stack gap={2} className="choice-words">
        <Text fw={600}>{label}</Text>
        <Text size="sm" c="dimmed">
          {about}
        </Text>
      </Stack>
      <Button
        variant="outline"
        data-testid={testId}
        disabled={isBusy}
        aria-label={says.makeFor(label)}
        onClick={onPress}
      >
        {says.make}
      </Button>
    </Group>
  );
}
