// The way back after a proof stands in the address, where a link of somebody else can write one.
import { describe, expect, test } from 'vitest';
import { parseRoute } from './router.ts';
import { provingHref, wayBack } from './way-back.ts';

const backIn = (address: string) => wayBack(parseRoute(address).query.get('back'));

describe('back to where one came from', () => {
  test('with what was open there', () => {
    const address = provingHref(parseRoute('#/approvals?open=appr_1&show=history'));
    expect(parseRoute(address)).toMatchObject({ page: 'factors' });
    expect(parseRoute(address).query.get('prove')).toBe('1');
    const back = backIn(address);
    expect(back?.page).toBe('approvals');
    expect(Object.fromEntries(back?.query ?? [])).toEqual({ open: 'appr_1', show: 'history' });
  });

  test('the overview has no name of its own', () => {
    expect(backIn(provingHref(parseRoute('')))?.page).toBe('');
  });

  test.each([
    'https://evil.example',
    '//evil.example',
    'javascript:alert(1)',
    '../chat',
    'nowhere',
    'factors?prove=1',
  ])('never to %s', (back) => expect(wayBack(back)).toBeNull());

  test('from a page that is none there is no way back', () => {
    expect(parseRoute(provingHref(parseRoute('#/nowhere'))).query.has('back')).toBe(false);
    expect(wayBack(null)).toBeNull();
  });
});
