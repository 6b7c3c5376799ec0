// Pairings: who waits at the door, who was let in, who is shut out, and how every request ended.
import { Alert, Badge, Stack, Tabs, Text } from '@mantine/core';
import { type ReactNode, useMemo, useState } from 'react';
import './pairings.css';
import { useMay, useOwnDevice } from '../../app/me.ts';
import { useRead } from '../../app/queries.ts';
import { href, useParam } from '../../app/router.ts';
import { Page } from '../../parts/Page.tsx';
import { Empty, States } from '../../parts/States.tsx';
import { text } from '../../text/say.ts';
import { allPages, useEveryone } from '../people/everyone.ts';
import { Asked } from './Asked.tsx';
import { Find } from './Find.tsx';
import { knownNames } from './look-alikes.ts';
import { NoMatch } from './NoMatch.tsx';
import { Past } from './Past.tsx';
import { channelsOf, fits, oldestFirst } from './rows.ts';
import { Waiting } from './Waiting.tsx';

const says = text.pairings;
const SHOWS = ['open', 'approved', 'blocked', 'all'] as const;
const PAGE = 500;

export function Pairings(): ReactNode {
  const may = useMay();
  const own = useOwnDevice()?.person;
  const [open, setOpen] = useParam('open');
  const [asked, setShow] = useParam('show');
  const [channelAsked, setChannel] = useParam('channel');
  const [typed, setTyped] = useState('');
  const show = SHOWS.find((one) => one === asked) ?? 'open';
  const channel = channelAsked ?? '';
  const mayDecide = may('pairing');
  const everyone = useEveryone();
  const known = useMemo(
    () => (everyone.value === null ? null : knownNames(everyone.value)),
    [everyone.value],
  );
  const channels = useRead('channels', ['names'], async (api) =>
    channelsOf((await api.channels.list()).items),
  );
  const waiting = useRead('pairings', ['waiting'], async (api) =>
    oldestFirst(
      await allPages((after) =>
        api.pairings.list({ show: 'open', limit: PAGE, ...(after === undefined ? {} : { after }) }),
      ),
    ),
  );
  const all = waiting.value ?? [];
  const rows = all.filter((row) => (channel === '' || row.channel === channel) && fits(row, typed));
  const clear = (): void => {
    setTyped('');
    setChannel(null);
  };
  const past = { channel, typed, mayDecide, onClear: clear, onOpen: setOpen };
  return (
    <Page title={says.title} about={says.about}>
      {!mayDecide && <Alert color="gray">{says.readOnly}</Alert>}
      <Tabs
        className="door-tabs"
        value={show}
        onChange={(tab) => setShow(tab === 'open' ? null : tab)}
        keepMounted={false}
      >
        <Tabs.List aria-label={says.tabList} mb="md">
          {SHOWS.map((tab) => (
            <Tabs.Tab
              key={tab}
              value={tab}
              rightSection={
                tab === 'open' && all.length > 0 ? (
                  <Badge size="sm" variant="light">
                    {all.length}
                  </Badge>
                ) : undefined
              }
            >
              {says.tabs[tab]}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Stack gap="md">
          <Find
            typed={typed}
            onType={setTyped}
            channel={channel}
            channels={channels.value ?? []}
            onChannel={(name) => setChannel(name === '' ? null : name)}
          />
          <Tabs.Panel value="open">
            <States
              of={waiting}
              has={all.length > 0}
              empty={<Empty title={says.waiting.none}>{says.waiting.noneHint}</Empty>}
            >
              {rows.length === 0 ? (
                <NoMatch onClear={clear} />
              ) : (
                <Waiting rows={rows} known={known} mayDecide={mayDecide} onOpen={setOpen} />
              )}
            </States>
            {may('manage') && all.length > 0 && own !== undefined && (
              <Text size="sm" c="dimmed" mt="md">
                {says.waiting.own} <a href={href('people', { open: own })}>{says.waiting.ownLink}</a>
              </Text>
            )}
          </Tabs.Panel>
          {SHOWS.filter((tab) => tab !== 'open').map((tab) => (
            <Tabs.Panel key={tab} value={tab}>
              <Past show={tab} {...past} />
            </Tabs.Panel>
          ))}
        </Stack>
      </Tabs>
      {open !== null && open !== '' && (
        <Asked
          key={open}
          id={open}
          known={known}
          isComparing={everyone.isLoading}
          onClose={() => setOpen(null)}
        />
      )}
    </Page>
  );
}
