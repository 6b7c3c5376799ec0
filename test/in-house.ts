// The pages of an owned gateway in a real Chromium, the gateway played from memory: how tests come in, look around and
// keep pictures.
import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { FakeHouse } from '../packages/ui/src/testing/fake-house.ts';
import { HOME, type Look, sound, type Visit, visiting } from './page-visit.ts';

export const OWNED = { GET: { status: 200, body: { owned: true, gateway: 'ins_test', nonce: 'n', ts: 1 } } };
/** Set to keep pictures of every state. */
const SHOTS = process.env['COUNTERSIGN_SHOTS'];
const PATIENCE = { timeout: 30_000 };

export function inHouse(
  dist: string,
  look: Look,
  work: (visit: Visit, house: FakeHouse) => Promise<void>,
): Promise<void> {
  return visiting(dist, look, (visit) => {
    const house = new FakeHouse();
    visit.claim = OWNED;
    visit.api = house.answer;
    visit.onConnect = (frame) => house.connect(frame);
    return work(visit, house);
  });
}

export const id = ({ page }: Visit, name: string) => page.getByTestId(name);

/** Usable by everybody, inside the window, and on record. */
export async function looks(visit: Visit, look: Look, what: string): Promise<void> {
  // Dialogs fade in: what is half transparent has half its contrast.
  const isStill = 'document.getAnimations().every(({ playState }) => playState !== "running")';
  await expect.poll(() => visit.page.evaluate(isStill), PATIENCE).toBe(true);
  await sound(visit, what);
  await picture(visit, look, what);
}

export async function picture({ page }: Visit, look: Look, what: string): Promise<void> {
  if (SHOTS === undefined) return;
  mkdirSync(SHOTS, { recursive: true });
  const path = join(SHOTS, `${what.replaceAll(' ', '-')}.${look.scheme}.png`);
  await page.screenshot({ path, fullPage: true });
}

/** Opens a page as a browser that is in; the fake learns the key from the proof of the first call. */
export async function enter(visit: Visit, house: FakeHouse, place: string): Promise<void> {
  house.isIn = true;
  await visit.page.addInitScript('Object.defineProperty(navigator, "locks", { value: undefined })');
  await visit.page.goto(`${HOME}/`);
  await id(visit, 'page-title').waitFor(PATIENCE);
  house.key = await keyOf(house);
  await visit.page.reload();
  await id(visit, 'page-title').waitFor(PATIENCE);
  await go(visit, place);
}

/** By the fragment, as a link does it; the page has heard of it then, and drawn its first answer. */
export async function go({ page }: Visit, place: string): Promise<void> {
  await page.evaluate(`new Promise((resolve) => {
    const before = location.hash;
    addEventListener('hashchange', () => setTimeout(resolve), { once: true });
    location.hash = ${JSON.stringify(`#/${place}`)};
    if (location.hash === before) resolve();
  })`);
  await page
    .getByTestId('loading')
    .first()
    .waitFor({ ...PATIENCE, state: 'detached' });
}

export function focused({ page }: Visit): Promise<unknown> {
  return page.evaluate('document.activeElement.dataset.testid ?? document.activeElement.textContent');
}

/** As the gateway says it when lists are old, and what this browser may do now. */
export function changed(visit: Visit, { own }: FakeHouse, ...of: readonly string[]): void {
  visit.tell({ type: 'event', seq: 1, event: 'changed', of, why: [], scopes: own.active });
}

export async function keyOf(house: FakeHouse): Promise<string> {
  await expect
    .poll(() => house.calls.some(({ headers }) => headers['dpop'] !== undefined), PATIENCE)
    .toBe(true);
  const proof = house.calls.find(({ headers }) => headers['dpop'] !== undefined)?.headers['dpop'] ?? '';
  const { jwk } = JSON.parse(Buffer.from(proof.split('.')[0] ?? '', 'base64url').toString());
  // RFC 7638, for the P-256 or Ed25519 key of a browser.
  const { crv, kty, x, y } = jwk;
  return createHash('sha256').update(JSON.stringify({ crv, kty, x, y })).digest('base64url');
}
