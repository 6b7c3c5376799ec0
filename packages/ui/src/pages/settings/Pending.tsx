// What the file asks for and is not in force: it waits for the word of somebody who proves who they are.
import type { PendingChange } from '@countersign/protocol/gateway';
import { Button, Code, Stack, Text } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useAct } from '../../app/act.ts';
import { useRead } from '../../app/queries.ts';
import { Confirm } from '../../parts/Confirm.tsx';
import { Facts } from '../../parts/Facts.tsx';
import { Panel } from '../../parts/Panel.tsx';
import { text } from '../../text/say.ts';
import type { Json } from './json.ts';
import { valueSay } from './words.ts';

const says = text.settings.pending;

export function Pending({ mayChange }: { readonly mayChange: boolean }): ReactNode {
  const pending = useRead('config', ['pending'], async (api) => (await api.config.pending()).items);
  const items = pending.value ?? [];
  const [asked, setAsked] = useState<string | null>(null);
  const acting = useAct();
  const close = (): void => {
    setAsked(null);
    acting.callOff();
  };
  const accept = async (path: string): Promise<void> => {
    const done = await acting.act({
      work: (api) => api.config.accept(path),
      changes: ['config', 'overview', 'channels'],
      said: () => says.accepted(path),
    });
    if (done) close();
  };
  if (items.length === 0) return null;
  const one = items.find(({ path }) => path === asked) ?? null;
  return (
    <Panel title={says.title} about={says.about} testId="config-pending">
      <Stack gap="md" component="ul" className="set-list">
        {items.map((item) => (
          <li key={`${item.why} ${item.path}`} className="set-pending">
            <Waiting item={item} />
            {mayChange && (
              <Button
                variant="default"
                size="compact-sm"
                aria-label={says.acceptOf(item.path)}
                onClick={() => setAsked(item.path)}
              >
                {says.accept}
              </Button>
            )}
          </li>
        ))}
      </Stack>
      <Confirm
        isOpen={one !== null}
        onClose={close}
        title={says.sure(asked ?? '')}
        keep={says.keep}
        yes={says.accept}
        onYes={() => void accept(asked ?? '')}
        isBusy={acting.isBusy}
        ask={acting.ask}
        problem={acting.problem}
      >
        {one !== null && <Waiting item={one} />}
      </Confirm>
    </Panel>
  );
}

function Waiting({ item }: { readonly item: PendingChange }): ReactNode {
  const say = (value: unknown): string => {
    const plain: Json = JSON.parse(JSON.stringify(value ?? null));
    return valueSay(plain, text.settings);
  };
  return (
    <Stack gap={4}>
      <Code className="set-path">{item.path}</Code>
      <Text size="sm" c="dimmed">
        {item.why === 'guarded' ? says.guarded : says.massRemoval(item.gone?.length ?? 0)}
      </Text>
      <Facts
        facts={[
          [says.inForce, say(item.inForce)],
          [says.asked, say(item.asked)],
        ]}
      />
    </Stack>
  );
}
