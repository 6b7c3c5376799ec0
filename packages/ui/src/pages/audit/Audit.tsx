// The audit: what happened, newest first, followed by any id, proven on demand. A page that is left open shows what is new
// in front while its reader is at the top, and behind one button while they are not.
import { Button } from '@mantine/core';
import { type ReactNode, useCallback, useEffect, useMemo, useState } from 'react';
import './audit.css';
import { go, useRoute } from '../../app/router.ts';
import { Icon } from '../../parts/Icon.tsx';
import { Page } from '../../parts/Page.tsx';
import { Rows } from '../../parts/Rows.tsx';
import { Empty, States } from '../../parts/States.tsx';
import { text } from '../../text/say.ts';
import { useEveryone } from '../people/everyone.ts';
import { Detail } from './Detail.tsx';
import { EventRow } from './EventRow.tsx';
import { Export } from './Export.tsx';
import { type Events, useEvents } from './events.ts';
import { FilterBar } from './FilterBar.tsx';
import { asked, type Filters, isNarrowed, readFilters, writeFilters } from './filters.ts';
import { Names } from './Ids.tsx';
import { Verify } from './Verify.tsx';

const says = text.audit;
/** So near to the top nobody is reading further down. */
const AT_TOP_PX = 160;

export function Audit(): ReactNode {
  const { query } = useRoute();
  const search = query.toString();
  const open = query.get('event');
  const filters = useMemo(() => readFilters(new URLSearchParams(search)), [search]);
  const key = JSON.stringify(writeFilters(filters));
  // biome-ignore lint/correctness/useExhaustiveDependencies: another filter, another now; an open event is none
  const wanted = useMemo(() => asked(filters, Date.now()), [key]);
  const events = useEvents(wanted);
  const everyone = useEveryone();
  const people = everyone.value ?? [];
  const names = useMemo(
    () => new Map((everyone.value ?? []).map(({ id, name }) => [id, name])),
    [everyone.value],
  );
  const [isVerifying, setVerifying] = useState(false);
  const change = (next: Filters): void => go('audit', writeFilters(next));
  const show = useCallback(
    (event: string | null): void => go('audit', { ...writeFilters(filters), event }, { replace: true }),
    [filters],
  );
  const clear = (): void => go('audit');
  return (
    <Names value={names}>
      <Page
        title={says.title}
        about={says.about}
        actions={
          <>
            {!isVerifying && (
              <Button
                variant="default"
                leftSection={<Icon name="check" size={18} />}
                onClick={() => setVerifying(true)}
                data-testid="verify"
              >
                {says.verify.button}
              </Button>
            )}
            <Export />
          </>
        }
      >
        {isVerifying && <Verify />}
        <FilterBar filters={filters} people={people} onChange={change} onClear={clear} />
        <Fresh events={events} isReading={open !== null} />
        <States
          of={events}
          has={events.items.length > 0}
          empty={
            isNarrowed(filters) ? (
              <Empty
                title={says.noMatch}
                icon="search"
                action={
                  <Button variant="default" onClick={clear}>
                    {says.filters.clear}
                  </Button>
                }
              >
                {says.noMatchHint}
              </Empty>
            ) : (
              <Empty title={says.none} icon="audit">
                {says.noneHint}
              </Empty>
            )
          }
        >
          <Rows
            label={says.list}
            items={events.items}
            keyOf={({ id }) => id}
            estimate={92}
            testId="audit"
            onOpen={({ id }) => show(id)}
            more={{ has: events.hasMore, isLoading: events.isLoadingMore, load: events.more }}
            row={(event) => <EventRow event={event} onOpen={show} />}
          />
        </States>
        {open !== null && !events.isLoading && (
          <Detail event={events.items.find(({ id }) => id === open) ?? null} onClose={() => show(null)} />
        )}
      </Page>
    </Names>
  );
}

/** What came since: in front by itself, unless somebody is reading. */
function Fresh({ events, isReading }: { readonly events: Events; readonly isReading: boolean }): ReactNode {
  const { fresh, showFresh } = events;
  const count = fresh.items.length;
  useEffect(() => {
    const isInList = document.activeElement?.closest('[data-testid="audit"]') != null;
    if (count > 0 && !fresh.isMore && !isReading && !isInList && scrollY < AT_TOP_PX) showFresh();
  }, [count, fresh, isReading, showFresh]);
  const press = (): void => {
    showFresh();
    scrollTo({ top: 0 });
  };
  return (
    <div className="audit-fresh" role="status">
      {count > 0 && (
        <Button size="compact-md" radius="xl" onClick={press} data-testid="audit-fresh">
          {fresh.isMore ? says.manyFresh : says.fresh(count)}
        </Button>
      )}
    </div>
  );
}
