// E-01, end to end: an agent asks, the owner's Telegram shows it, a code of an app that is not ours is typed there, and the
// grant is there. Then what a thief of the phone's screen, or of the chat, could try with it.
import { execFileSync } from 'node:child_process';
import type { ApprovalRow } from '@countersign/protocol/approval';
import { expect, test } from 'vitest';
import { Emulator } from '../../../../test/telegram-emulator.ts';
import { command, openApprovalHouse, WIPE } from '../testing/approval-house.ts';
import { totpAt } from '../testing/factor-stage.ts';
import { jsonOf } from '../testing/house.ts';

function oathtool(seed: string): string | null {
  try {
    return execFileSync('oathtool', ['--totp', '--base32', seed], { encoding: 'utf8', stdio: 'pipe' }).trim();
  } catch {
    return null;
  }
}

const hasTool = oathtool('JBSWY3DPEHPK3PXP') !== null;
if (!hasTool)
  console.warn('oathtool is not on this machine: codes are made by hand (Debian: apt install oathtool)');
const codeOf = (seed: string) => (hasTool ? oathtool(seed) : null) ?? totpAt(seed, Date.now());

/** A code counts once: the next step has to have begun. */
async function nextStep(): Promise<void> {
  const left = 30_000 - (Date.now() % 30_000);
  await new Promise((resolve) => setTimeout(resolve, left + 50));
}

/** Nobody reads as fast as a test (R50). */
function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 3_000));
}

test('E-01, H69, R64: a code typed in Telegram releases what is destructive, once, and never reaches the agent', async () => {
  await using emulator = await Emulator.open();
  const telegram = { ...emulator.account, dmPolicy: 'allowlist', allowFrom: ['555001', '555003'] };
  await using scene = await openApprovalHouse({ config: { channels: { telegram } } });
  const { house } = scene;
  await house.composed.channels.follow();
  const olga = emulator.person(555_001, 'Olga');
  const texts = () => emulator.shown(555_001).map(({ message }) => message.text);
  const says = async (text: string, answer: RegExp) => {
    const before = texts().length;
    await olga.sendMessage(olga.makeMessage(text));
    await emulator.until(() => texts().length > before);
    expect(texts().at(-1), text.replace(/\d{6}/, '…')).toMatch(answer);
  };
  const post = (path: string, body: object) => house.call('host', 'POST', `/api/v1${path}`, body);
  const { id, secret } = await jsonOf<{ id: string; secret: string }>(
    post('/factors/totp', { person: 'Olga' }),
  );
  const first = codeOf(secret);
  expect((await post(`/factors/${id}/confirm`, { code: first })).status).toBe(200);

  const asked = await scene.asks(WIPE);
  await emulator.until(() => texts().some((text) => text.includes(`Approval ${asked.short}`)));
  expect(texts().find((text) => text.includes(`Approval ${asked.short}`))).toContain(
    `Yes, with a code of your app: /approve ${asked.short} <code>`,
  );
  await pause();
  // N-12: the code that confirmed the app is spent.
  await says(`/approve ${asked.short} ${first}`, /was not proven/);
  await nextStep();
  const right = codeOf(secret);
  await says(`/approve ${asked.short} ${right}`, /^Approved|\nApproved/);
  const row = await jsonOf<ApprovalRow>(scene.sees(asked.id));
  expect(row).toMatchObject({ state: 'approved', decision: { factors: ['totp'], surface: 'chat' } });
  expect(row.grant).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/);

  const second = await scene.asks(command('rm', '-rf', '/home/agent/second'));
  await emulator.until(() => texts().some((text) => text.includes(`Approval ${second.short}`)));
  await pause();
  await says(`/approve ${second.short} ${right}`, /was not proven/);
  await nextStep();
  const slip = codeOf(secret);
  await says(`aprove ${second.short} ${slip}`, /was not passed on/);
  await says(`/approve ${second.short} ${slip}`, /was not proven/);
  expect(await jsonOf(scene.sees(second.id))).toMatchObject({ state: 'pending' });
  const { store } = house.composed;
  const all = await store.audit.walk(store.writer, 0, 10_000);
  expect(all.map(({ body }) => body.type)).toContain('code.kept_back');
  expect(all.filter(({ body }) => body.type === 'message.admitted')).toEqual([]);
  house.composed.channels.stop();
}, 240_000);
