// This browser: who it is to the gateway, what it may do now, what a proof adds, and its own way out.
import type { DeviceRow } from '@countersign/protocol/device';
import { visible } from '@countersign/protocol/display';
import { Button, Group, SimpleGrid, Text } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useAct } from '../../app/act.ts';
import { useMay } from '../../app/me.ts';
import { useRoute } from '../../app/router.ts';
import { provingHref } from '../../app/way-back.ts';
import { rightsOf } from '../../house/rights.ts';
import { Confirm } from '../../parts/Confirm.tsx';
import { Facts } from '../../parts/Facts.tsx';
import { Panel } from '../../parts/Panel.tsx';
import { Name } from '../../shared/Name.tsx';
import { When } from '../../shared/When.tsx';
import { text } from '../../text/say.ts';
import { Abilities } from './Abilities.tsx';
import { RenameDevice } from './RenameDevice.tsx';
import { nameOf } from './words.ts';

const says = text.devices.here;

export function Here({ row }: { readonly row: DeviceRow }): ReactNode {
  const [asks, setAsks] = useState<'sign-out' | 'rename' | null>(null);
  const mayRename = useMay()('manage');
  const { now, afterProof } = rightsOf(row);
  const words = text.devices.scopes;
  const route = useRoute();
  return (
    <Panel
      title={says.title}
      testId="here"
      actions={
        <Group gap="xs">
          {mayRename && (
            <Button variant="default" size="compact-sm" onClick={() => setAsks('rename')}>
              {text.devices.paired.rename}
            </Button>
          )}
          <Button variant="outline" color="red" size="compact-sm" onClick={() => setAsks('sign-out')}>
            {says.signOut}
          </Button>
        </Group>
      }
    >
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="xl" className="here-grid">
        <Facts
          facts={[
            [says.name, <Name key="name" text={nameOf(row, text.devices)} />],
            [
              says.since,
              <span key="since">
                <When at={row.createdAt} />
                {row.via !== undefined && `, ${says.via[row.via]}`}
              </span>,
            ],
            [says.key, <code key="key">{visible(row.key)}</code>],
          ]}
        />
        <div className="rights">
          <Abilities
            title={says.may}
            lines={now.map((scope) => words[scope])}
            kind="yes"
            testId="scopes-yes"
          />
          {afterProof.length > 0 && (
            <>
              <Abilities
                title={says.later}
                lines={afterProof.map((scope) => words[scope])}
                kind="later"
                testId="scopes-later"
              />
              <Text>
                <Button component="a" href={provingHref(route)}>
                  {says.prove}
                </Button>
              </Text>
            </>
          )}
        </div>
      </SimpleGrid>
      {asks === 'sign-out' && <SignOut row={row} onClose={() => setAsks(null)} />}
      {asks === 'rename' && <RenameDevice row={row} onClose={() => setAsks(null)} />}
    </Panel>
  );
}

function SignOut({ row, onClose }: { readonly row: DeviceRow; readonly onClose: () => void }): ReactNode {
  const { act, isBusy, ask, problem } = useAct();
  return (
    <Confirm
      isOpen
      onClose={onClose}
      title={says.signOutTitle}
      keep={says.stay}
      yes={says.signOutYes}
      onYes={() =>
        void act({ work: (api) => api.devices.revoke(row.id), changes: ['devices'], said: () => null })
      }
      isBusy={isBusy}
      ask={ask}
      problem={problem}
      testId="sign-out"
    >
      {says.signOutWhat}
    </Confirm>
  );
}
