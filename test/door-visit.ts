// The people at the door in a real Chromium, played from memory: how tests of Pairings and People come in.
import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { FakeDoor } from '../packages/ui/src/testing/fake-door.ts';
import { HOME, type Look, sound, type Visit, visiting } from './page-visit.ts';

/** Set to keep pictures of every state. */
const SHOTS = process.env['COUNTERSIGN_SHOTS'];
/** Names that attack. */
export const HTML = '<img src=x onerror="document.title=\'owned\'">';
export const TURNED = 'gnp.\u202Eolga\u200B';
export const focused = 'document.activeElement?.dataset.testid ?? document.activeElement?.textContent';

/** RFC 7638, as the browser makes it. */
function thumbprintOf(key: unknown): string {
  const { crv, kty, x, y } = Object(key);
  return createHash('sha256').update(JSON.stringify({ crv, kty, x, y })).digest('base64url');
}

export const at = (
  dist: string,
  look: Look,
  place: string,
  work: (visit: Visit, door: FakeDoor) => Promise<void>,
  before: (door: FakeDoor) => void = () => {},
): Promise<void> =>
  visiting(dist, look, async (visit) => {
    const door = new FakeDoor();
    before(door);
    visit.claim = { GET: { status: 200, body: { owned: true, gateway: 'ins_test', nonce: 'n', ts: 1 } } };
    visit.api = door.answer;
    visit.onConnect = (frame) => {
      if (frame['role'] !== 'chat') door.house.key = thumbprintOf(frame['key']);
      return door.connect(frame);
    };
    await visit.page.addInitScript('Object.defineProperty(navigator, "locks", { value: undefined })');
    // What fades in has no contrast yet.
    await visit.page.emulateMedia({ reducedMotion: 'reduce' });
    await visit.page.goto(`${HOME}/#/${place}`);
    await visit.page.getByTestId('page-title').waitFor();
    await work(visit, door);
    expect(await visit.page.title()).not.toBe('owned');
  });

export async function looks(visit: Visit, look: Look, what: string): Promise<void> {
  await sound(visit, what);
  if (SHOTS === undefined) return;
  mkdirSync(SHOTS, { recursive: true });
  await visit.page.screenshot({
    path: join(SHOTS, `${what}.${look.scheme}.png`),
    fullPage: what !== 'people',
  });
}
