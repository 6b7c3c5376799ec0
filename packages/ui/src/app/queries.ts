// What the gateway knows, read over HTTP and kept until the gateway says that it changed. The first word of every key is
// the list of the API it comes from: that is what events name (app/live.ts). Nothing is asked again by a timer.
import type { List } from '@countersign/protocol/common';
import type { Problem } from '@countersign/protocol/problem';
import { QueryClient, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useCallback, useMemo } from 'react';
import type { Api } from '../api.ts';
import { useHouse } from '../house/context.ts';
import { problemOf } from '../shared/problem-of.ts';

export { problemOf };

export const AREAS = [
  'overview',
  'pairings',
  'approvals',
  'policy',
  'people',
  'devices',
  'channels',
  'sessions',
  'factors',
  'recoveries',
  'config',
  'audit',
  'push',
] as const;
export type Area = (typeof AREAS)[number];

export function newQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: Number.POSITIVE_INFINITY,
        gcTime: 10 * 60_000,
        networkMode: 'always',
        refetchOnWindowFocus: false,
        refetchOnReconnect: false,
        // The line itself waits for the gateway; what it then says stands.
        retry: (count, error) => count < 2 && problemOf(error).code === 'gateway_down',
        retryDelay: 1_000,
      },
    },
  });
}

export interface Reading<T> {
  /** As last heard; it stays while it is asked again. */
  readonly value: T | null;
  readonly problem: Problem | null;
  readonly isLoading: boolean;
  again(): void;
}

export function useRead<T>(
  area: Area,
  key: readonly unknown[],
  load: (api: Api) => Promise<T>,
  { enabled = true }: { readonly enabled?: boolean } = {},
): Reading<T> {
  const { api } = useHouse();
  const query = useQuery({ queryKey: [area, ...key], queryFn: () => load(api()), enabled });
  return {
    value: query.data ?? null,
    problem: query.error === null ? null : problemOf(query.error),
    isLoading: query.isLoading,
    again: () => void query.refetch(),
  };
}

export interface Paging<T> extends Omit<Reading<readonly T[]>, 'value'> {
  readonly items: readonly T[];
  readonly hasMore: boolean;
  readonly isLoadingMore: boolean;
  more(): void;
}

/** A list of the API, page by page. */
export function usePages<T>(
  area: Area,
  key: readonly unknown[],
  load: (api: Api, after: string | undefined) => Promise<List<T>>,
  { enabled = true }: { readonly enabled?: boolean } = {},
): Paging<T> {
  const { api } = useHouse();
  const query = useInfiniteQuery({
    queryKey: [area, ...key],
    queryFn: ({ pageParam }) => load(api(), pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next,
    enabled,
  });
  const items = useMemo(() => (query.data?.pages ?? []).flatMap((page) => page.items), [query.data]);
  const { fetchNextPage, hasNextPage, isFetching } = query;
  const more = useCallback(() => {
    if (hasNextPage && !isFetching) void fetchNextPage();
  }, [fetchNextPage, hasNextPage, isFetching]);
  return {
    items,
    problem: query.error === null ? null : problemOf(query.error),
    isLoading: query.isLoading,
    hasMore: hasNextPage,
    isLoadingMore: query.isFetchingNextPage,
    more,
    again: () => void query.refetch(),
  };
}
