// Where in the house we are: the fragment, `#/pairings?open=pair_…`. It never reaches a server, and the pages share one
// address, so there is nothing to configure behind a proxy.
import { useSyncExternalStore } from 'react';

export interface Route {
  /** The first word; empty at the start. */
  readonly page: string;
  readonly query: URLSearchParams;
}

export type Query = Readonly<Record<string, string | null | undefined>>;

export function parseRoute(hash: string): Route {
  const text = hash.startsWith('#/') ? hash.slice(2) : '';
  const mark = text.indexOf('?');
  const page = mark === -1 ? text : text.slice(0, mark);
  return { page, query: new URLSearchParams(mark === -1 ? '' : text.slice(mark + 1)) };
}

export function href(page: string, query: Query = {}): string {
  const pairs = Object.entries(query).filter((pair): pair is [string, string] => typeof pair[1] === 'string');
  const search = new URLSearchParams(pairs).toString();
  return `#/${page}${search === '' ? '' : `?${search}`}`;
}

/** `replace`: the step back leads to where the person was before. */
export function go(page: string, query: Query = {}, { replace = false } = {}): void {
  const target = href(page, query);
  if (target === location.hash) return;
  if (!replace) {
    location.hash = target;
    return;
  }
  history.replaceState(history.state, '', target);
  dispatchEvent(new HashChangeEvent('hashchange'));
}

function subscribe(listener: () => void): () => void {
  addEventListener('hashchange', listener);
  return () => removeEventListener('hashchange', listener);
}

export function useRoute(): Route {
  const hash = useSyncExternalStore(subscribe, () => location.hash);
  return parseRoute(hash);
}

/** One value of the address, for what a person may want to send to somebody: an open dialog, a filter. */
export function useParam(name: string): readonly [string | null, (value: string | null) => void] {
  const { page, query } = useRoute();
  const set = (value: string | null): void => {
    go(page, { ...Object.fromEntries(query), [name]: value }, { replace: true });
  };
  return [query.get(name), set];
}
