// Sessions: every conversation with the agent, whose it is, and its end beside it.
import { Alert, Button, NativeSelect, SimpleGrid } from '@mantine/core';
import { type ReactNode, useMemo, useState } from 'react';
import './sessions.css';
import type { SessionRow } from '@countersign/protocol/identity';
import { useMay } from '../../app/me.ts';
import { usePages } from '../../app/queries.ts';
import { go, useParam } from '../../app/router.ts';
import { Page } from '../../parts/Page.tsx';
import { Rows } from '../../parts/Rows.tsx';
import { Empty, States } from '../../parts/States.tsx';
import { text } from '../../text/say.ts';
import { useEveryone } from '../people/everyone.ts';
import { EndSession } from './EndSession.tsx';
import { PersonSelect } from './PersonSelect.tsx';
import { SessionLine } from './SessionLine.tsx';

const says = text.sessions;
const PAGE = 100;

export function Sessions(): ReactNode {
  const may = useMay();
  const [person, setPerson] = useParam('person');
  const [asked, setShow] = useParam('show');
  const show = asked === 'all' ? 'all' : 'live';
  const [ends, setEnds] = useState<SessionRow | null>(null);
  const everyone = useEveryone();
  const names = useMemo(
    () => new Map((everyone.value ?? []).map(({ id, name }) => [id, name])),
    [everyone.value],
  );
  const whose = person === null ? {} : { person };
  const pages = usePages('sessions', ['pages', show, person], (api, after) =>
    api.sessions.list({ ...whose, show, limit: PAGE, after }),
  );
  const mayEnd = may('manage');
  const nameOf = (id: string): string | null => names.get(id) ?? null;
  return (
    <Page title={says.title} about={says.about}>
      {!mayEnd && <Alert color="gray">{says.cannot}</Alert>}
      <SimpleGrid cols={{ base: 1, xs: 2 }} maw="40rem">
        <PersonSelect
          label={says.person}
          placeholder={says.anybody}
          nothing={says.noSuchPerson}
          people={everyone.value ?? []}
          value={person}
          onChange={setPerson}
        />
        <NativeSelect
          label={says.show.label}
          value={show}
          data={[
            { value: 'live', label: says.show.live },
            { value: 'all', label: says.show.all },
          ]}
          onChange={({ currentTarget: { value } }) => setShow(value === 'all' ? 'all' : null)}
        />
      </SimpleGrid>
      <States
        of={pages}
        has={pages.items.length > 0}
        empty={
          person === null ? (
            <Empty title={says.none} icon="session">
              {says.noneHint}
            </Empty>
          ) : (
            <Empty
              title={says.noMatch}
              icon="search"
              action={
                <Button variant="default" onClick={() => setPerson(null)}>
                  {says.clear}
                </Button>
              }
            >
              {says.noMatchHint}
            </Empty>
          )
        }
      >
        <Rows
          label={says.list}
          items={pages.items}
          keyOf={({ id }) => id}
          estimate={92}
          testId="sessions"
          onOpen={({ id }) => go('audit', { about: id })}
          more={{ has: pages.hasMore, isLoading: pages.isLoadingMore, load: pages.more }}
          row={(row) => (
            <SessionLine
              row={row}
              name={nameOf(row.person)}
              isKnown={everyone.value === null || names.has(row.person)}
              onEnd={mayEnd ? () => setEnds(row) : null}
            />
          )}
        />
      </States>
      {ends !== null && <EndSession row={ends} name={nameOf(ends.person)} onClose={() => setEnds(null)} />}
    </Page>
  );
}
