// The events of a filter, page by page. What has been loaded stays: it cannot change. An event of the gateway makes only the
// newest few be read, and those stand in front or wait behind one button, so that nobody loses their place.
import type { AuditQuery } from '@countersign/protocol/client';
import type { List } from '@countersign/protocol/common';
import type { AuditEvent } from '@countersign/protocol/gateway';
import { type InfiniteData, useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useMemo } from 'react';
import { type Paging, problemOf, useRead } from '../../app/queries.ts';
import { useHouse } from '../../house/context.ts';

const PAGE = 100;
const NEWEST = 50;

export interface Events extends Paging<AuditEvent> {
  readonly fresh: Fresh;
  /** Puts what is new in front. */
  showFresh(): void;
}

export interface Fresh {
  readonly items: readonly AuditEvent[];
  /** There are more new ones than were read: between these and the list something is missing. */
  readonly isMore: boolean;
}

const NOTHING: Fresh = { items: [], isMore: false };

/** What is newer than the head of the list. */
export function freshOf(newest: readonly AuditEvent[], head: AuditEvent | undefined): Fresh {
  if (head === undefined) return { items: newest, isMore: false };
  const at = newest.findIndex(({ id }) => id === head.id);
  if (at >= 0) return { items: newest.slice(0, at), isMore: false };
  const isOlder = newest.every((event) => Date.parse(event.at) < Date.parse(head.at));
  return isOlder ? NOTHING : { items: newest, isMore: newest.length >= NEWEST };
}

type Pages = InfiniteData<List<AuditEvent>, string | undefined>;

export function useEvents(query: AuditQuery): Events {
  const { api } = useHouse();
  const client = useQueryClient();
  const key = useMemo(() => ['audit-pages', query], [query]);
  const pages = useInfiniteQuery({
    queryKey: key,
    queryFn: ({ pageParam }) => api().audit.list({ ...query, limit: PAGE, after: pageParam }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next,
  });
  const items = useMemo(() => (pages.data?.pages ?? []).flatMap((page) => page.items), [pages.data]);
  const newest = useRead('audit', ['newest', query], (api) => api.audit.list({ ...query, limit: NEWEST }), {
    enabled: pages.data !== undefined,
  });
  const head = items[0];
  const fresh = useMemo(
    () => (newest.value === null || pages.data === undefined ? NOTHING : freshOf(newest.value.items, head)),
    [newest.value, head, pages.data],
  );
  const showFresh = useCallback(() => {
    if (fresh.items.length === 0) return;
    if (fresh.isMore) {
      void client.resetQueries({ queryKey: key, exact: true });
      return;
    }
    client.setQueryData<Pages>(key, (data) => {
      const [first, ...rest] = data?.pages ?? [];
      if (data === undefined || first === undefined) return data;
      return { ...data, pages: [{ ...first, items: [...fresh.items, ...first.items] }, ...rest] };
    });
  }, [client, key, fresh]);
  const { fetchNextPage, hasNextPage, isFetching } = pages;
  const more = useCallback(() => {
    if (hasNextPage && !isFetching) void fetchNextPage();
  }, [fetchNextPage, hasNextPage, isFetching]);
  return {
    items,
    problem: pages.error === null ? null : problemOf(pages.error),
    isLoading: pages.isLoading,
    hasMore: hasNextPage,
    isLoadingMore: pages.isFetchingNextPage,
    more,
    again: () => void pages.refetch(),
    fresh,
    showFresh,
  };
}
