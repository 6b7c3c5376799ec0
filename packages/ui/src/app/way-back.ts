// To the proof of this browser, and back to where one came from. The way back travels in the address, where anybody can write
// one: it leads to a page of this house, or nowhere.
import { pageOf } from './pages.ts';
import { href, parseRoute, type Route } from './router.ts';

const PROVING = 'factors';

export function provingHref(from: Route): string {
  const back = href(from.page, Object.fromEntries(from.query)).slice('#/'.length);
  return href(PROVING, { prove: '1', back: pageOf(from.page) === null ? null : back });
}

/** Null: there is no way back, or none that we know. */
export function wayBack(back: string | null): Route | null {
  if (back === null) return null;
  const route = parseRoute(`#/${back}`);
  return pageOf(route.page) === null || route.page === PROVING ? null : route;
}
