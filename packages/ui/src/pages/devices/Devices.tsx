// Devices: who asks, this browser, everything else that is in, what has ended, and a code for one more.
import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import { useMay } from '../../app/me.ts';
import { usePages } from '../../app/queries.ts';
import { useParam } from '../../app/router.ts';
import { useHouse } from '../../house/context.ts';
import { ownRow, sorted } from '../../house/rights.ts';
import { Page } from '../../parts/Page.tsx';
import { Panel } from '../../parts/Panel.tsx';
import { Empty, States } from '../../parts/States.tsx';
import { text } from '../../text/say.ts';
import { AddDevice } from './AddDevice.tsx';
import { Asked } from './Asked.tsx';
import { Ended } from './Ended.tsx';
import { Here } from './Here.tsx';
import { Paired } from './Paired.tsx';
import { Waiting } from './Waiting.tsx';

const says = text.devices;

export function Devices(): ReactNode {
  const { session } = useHouse();
  const may = useMay();
  const [open, setOpen] = useParam('open');
  const [show, setShow] = useParam('show');
  const live = usePages('devices', ['pages', 'live'], (api, after) => api.devices.list('live', after));
  const { others, waiting } = sorted(live.items, session.device);
  const own = ownRow(live.items, session.device);
  const more = { has: live.hasMore, isLoading: live.isLoadingMore, load: live.more };
  return (
    <Page title={says.title} about={says.about}>
      <States of={live} has={live.items.length > 0} empty={null}>
        {waiting.length > 0 && <Waiting rows={waiting} onOpen={setOpen} />}
        {own !== null && <Here row={own} />}
        <AddDevice waiting={waiting} onOpen={setOpen} />
        <Panel title={says.paired.title} about={says.paired.about}>
          {others.length === 0 && !live.hasMore ? (
            <Empty title={says.paired.none} icon="device">
              {says.paired.noneHint}
            </Empty>
          ) : (
            <Paired rows={others} mayChange={may('manage')} more={more} />
          )}
        </Panel>
      </States>
      {show === 'all' ? (
        <Ended onHide={() => setShow(null)} />
      ) : (
        <div>
          <Button variant="subtle" onClick={() => setShow('all')} aria-expanded={false}>
            {says.ended.show}
          </Button>
        </div>
      )}
      {open !== null && open !== '' && (
        <Asked
          key={open}
          id={open}
          known={waiting.find(({ id }) => id === open) ?? null}
          isReady={!live.isLoading}
          onClose={() => setOpen(null)}
        />
      )}
    </Page>
  );
}
