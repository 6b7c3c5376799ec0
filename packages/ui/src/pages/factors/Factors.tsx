// The factors of whoever is signed in: what they have and what each is good for, adding and removing, the proof on this
// browser, and the recoveries that somebody announced.
import { Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { useIsLimited, useMay, useOwnDevice } from '../../app/me.ts';
import { useRead } from '../../app/queries.ts';
import { go, useParam, useRoute } from '../../app/router.ts';
import { tell } from '../../app/told.tsx';
import { wayBack } from '../../app/way-back.ts';
import { AddPasskey } from '../../factors/AddPasskey.tsx';
import { AddTotp } from '../../factors/AddTotp.tsx';
import { Page } from '../../parts/Page.tsx';
import { Panel } from '../../parts/Panel.tsx';
import { States } from '../../parts/States.tsx';
import { text } from '../../text/say.ts';
import { Mine } from './Mine.tsx';
import { Prove } from './Prove.tsx';
import { RecoveriesAnnounced } from './Recoveries.tsx';
import { Recovery } from './Recovery.tsx';
import './factors.css';

const says = text.factors;

export function Factors(): ReactNode {
  const own = useOwnDevice();
  const may = useMay();
  const [prove, setProve] = useParam('prove');
  const back = wayBack(useRoute().query.get('back'));
  const list = useRead('factors', ['mine'], (api) => api.factors.list());
  const value = list.value;
  const items = value?.items ?? [];
  const hasFactor = items.some(({ state }) => state === 'active');
  const isLimited = useIsLimited();
  const canChange = may('manage');
  const done = (said: string) => (): void => {
    list.again();
    tell({ text: said });
  };
  return (
    <Page title={says.title} about={says.about}>
      <RecoveriesAnnounced />
      {(isLimited || prove !== null) && (
        <Prove
          isLimited={isLimited}
          hasFactor={value === null || hasFactor}
          isOpen={prove !== null}
          onOpen={(open) => setProve(open ? '1' : null)}
          onProven={() => {
            if (back === null) setProve(null);
            else go(back.page, Object.fromEntries(back.query), { replace: true });
          }}
        />
      )}
      <Panel title={says.mine.title}>
        <States of={list} has={value !== null} empty={null}>
          <Mine items={items} canChange={canChange} />
          {!canChange && own !== null && <Text>{says.mine.later}</Text>}
        </States>
      </Panel>
      {canChange && (
        <Panel title={says.add.title} about={says.add.about}>
          <div className="ways-to-prove">
            <div>
              <AddPasskey onDone={done(text.factors.done.passkey)} />
            </div>
            <div>
              <AddTotp onDone={done(text.factors.done.totp)} />
            </div>
          </div>
        </Panel>
      )}
      {value !== null && (
        <Recovery
          left={value.recoveryCodes}
          hasFactor={hasFactor}
          canChange={canChange}
          onChanged={list.again}
        />
      )}
    </Page>
  );
}
