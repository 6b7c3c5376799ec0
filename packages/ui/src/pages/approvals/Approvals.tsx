// Approvals: what waits for a yes or a no, and how everything before it ended.
import { Alert, Badge, Button, SegmentedControl, Stack, Tabs, Text } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import './approvals.css';
import { useAct } from '../../app/act.ts';
import { useIsLimited, useMay } from '../../app/me.ts';
import { usePages } from '../../app/queries.ts';
import { href, useParam } from '../../app/router.ts';
import { Confirm } from '../../parts/Confirm.tsx';
import { Page } from '../../parts/Page.tsx';
import { Rows } from '../../parts/Rows.tsx';
import { Empty, States } from '../../parts/States.tsx';
import { text } from '../../text/say.ts';
import { ApprovalLine } from './ApprovalLine.tsx';
import { Asked } from './Asked.tsx';
import { pauseText } from './words.ts';

const says = text.approvals;
const SHOWS = ['open', 'history'] as const;
const ASKED = ['all', 'people', 'nobody'] as const;
const PAGE = 100;

export function Approvals(): ReactNode {
  const may = useMay();
  const [open, setOpen] = useParam('open');
  const [asked, setShow] = useParam('show');
  const [isEnding, setEnding] = useState(false);
  const show = SHOWS.find((one) => one === asked) ?? 'open';
  const [picked, setWhose] = useParam('asked');
  // What waits waits for people: only what is over can have been asked of nobody.
  const whose = show === 'open' ? 'all' : (ASKED.find((one) => one === picked) ?? 'all');
  const pages = usePages('approvals', ['pages', show, whose], (api, after) =>
    api.approvals.list({
      show,
      limit: PAGE,
      ...(whose === 'all' ? {} : { asked: whose }),
      ...(after === undefined ? {} : { after }),
    }),
  );
  const { items } = pages;
  const mayDecide = may('approvals');
  // Where a proof would help, that is said above every page already.
  const isLimited = useIsLimited();
  return (
    <Page
      title={says.title}
      about={says.about}
      actions={
        mayDecide &&
        show === 'open' &&
        items.length > 1 && (
          <Button variant="outline" color="red" onClick={() => setEnding(true)} data-testid="deny-all">
            {says.denyAll.open}
          </Button>
        )
      }
    >
      {!mayDecide && !isLimited && <Alert color="gray">{says.cannot}</Alert>}
      <Tabs value={show} onChange={(tab) => setShow(tab === 'open' ? null : tab)} keepMounted={false}>
        <Tabs.List aria-label={says.tabList} mb="md">
          {SHOWS.map((tab) => (
            <Tabs.Tab
              key={tab}
              value={tab}
              rightSection={
                tab === 'open' && show === 'open' && items.length > 0 ? (
                  <Badge size="sm" variant="light">
                    {items.length}
                  </Badge>
                ) : undefined
              }
            >
              {says.tabs[tab]}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {SHOWS.map((tab) => (
          <Tabs.Panel key={tab} value={tab}>
            {tab === 'history' && (
              <SegmentedControl
                aria-label={says.askedOf.label}
                mb="md"
                value={whose}
                data={ASKED.map((value) => ({ value, label: says.askedOf[value] }))}
                data-testid="asked-of"
                onChange={(value) => setWhose(value === 'all' ? null : value)}
              />
            )}
            <States
              of={pages}
              has={items.length > 0}
              empty={
                tab === 'open' ? (
                  <Empty title={says.none}>{says.noneHint}</Empty>
                ) : (
                  <Empty title={whose === 'all' ? says.noHistory : says.noneOf} icon="clock">
                    {says.noHistoryHint}
                  </Empty>
                )
              }
            >
              <Rows
                label={says.list}
                items={items}
                keyOf={({ id }) => id}
                onOpen={({ id }) => setOpen(id)}
                estimate={120}
                more={{ has: pages.hasMore, isLoading: pages.isLoadingMore, load: pages.more }}
                testId="approvals"
                row={(row) => <ApprovalLine row={row} onOpen={() => setOpen(row.id)} />}
              />
            </States>
          </Tabs.Panel>
        ))}
      </Tabs>
      <Text size="sm" c="dimmed">
        <a href={href('policy')}>{says.toPolicy}</a>
      </Text>
      {open !== null && open !== '' && <Asked key={open} id={open} onClose={() => setOpen(null)} />}
      {isEnding && <DenyAll onClose={() => setEnding(false)} />}
    </Page>
  );
}

function DenyAll({ onClose }: { readonly onClose: () => void }): ReactNode {
  const { act, isBusy, ask, problem } = useAct();
  const deny = async (): Promise<void> => {
    const done = await act({
      work: (api) => api.approvals.denyAll(),
      changes: ['approvals', 'audit', 'overview'],
      said: ({ denied, paused = [] }) =>
        [says.denyAll.done(denied), ...paused.map((one) => pauseText(one, says))].join(' '),
    });
    if (done) onClose();
  };
  return (
    <Confirm
      isOpen
      onClose={onClose}
      title={says.denyAll.title}
      keep={says.denyAll.keep}
      yes={says.denyAll.yes}
      onYes={() => void deny()}
      isBusy={isBusy}
      ask={ask}
      problem={problem}
      testId="deny-all-dialog"
    >
      <Stack gap="md">
        <Text>{says.denyAll.about}</Text>
      </Stack>
    </Confirm>
  );
}
