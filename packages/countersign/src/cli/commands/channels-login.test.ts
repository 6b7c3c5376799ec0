// `channels login`: what a person sees, what a program gets, and what stands on stdout.
import { expect, test } from 'vitest';
import { countersign, makeHome, NOW, standIn } from '../fixtures/stand-in.ts';

const row = { id: 'login_a', channel: 'whatsapp', account: 'default' };
const expiresAt = new Date(NOW + 60_000).toISOString();

/** One answer after the other, as the gateway gives them. */
async function steps(...answers: object[]) {
  const home = makeHome();
  const left = [...answers];
  await standIn(home, {
    'POST /api/v1/channels/whatsapp/login': { ...row, step: 1, state: 'starting' },
    'GET /api/v1/channels/logins/login_a': () => left.shift() ?? answers.at(-1),
    'POST /api/v1/channels/whatsapp/logout': { channel: 'whatsapp', account: 'default', told: false },
  });
  return home;
}

const LINKED = { ...row, step: 3, state: 'linked', login: '+15550009999' };

test('a picture is drawn beside the result, never in it', async () => {
  const home = await steps(
    { ...row, step: 2, state: 'picture', text: 'https://wa.me/x#1,2', expiresAt },
    LINKED,
  );
  const { code, stdout, stderr } = await countersign(home, 'channels', 'login', 'whatsapp');
  expect([code, stdout]).toEqual([0, 'whatsapp is linked as +15550009999\n']);
  expect(stderr).toMatch(/█|▀|▄/);
  expect(stderr).toContain('Linked devices');
  expect(stderr).not.toContain('wa.me');
});

test('a code is shown in two halves', async () => {
  const home = await steps({ ...row, step: 2, state: 'code', text: 'ABCD2345', expiresAt }, LINKED);
  const { stderr } = await countersign(home, 'channels', 'login', 'whatsapp', '--phone', '+15550009999');
  expect(stderr).toContain('ABCD-2345');
});

test('a program is given each step as a line, and the end as the result', async () => {
  const home = await steps(
    { ...row, step: 2, state: 'picture', text: 'https://wa.me/x#1,2', expiresAt },
    LINKED,
  );
  const { code, stdout, stderr } = await countersign(home, 'channels', 'login', 'whatsapp', '--json');
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toEqual({ channel: 'whatsapp', account: 'default', login: '+15550009999' });
  expect(
    stderr
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line)),
  ).toEqual([{ state: 'picture', text: 'https://wa.me/x#1,2', expiresAt }]);
});

test('what went wrong ends the command as its problem would', async () => {
  const problem = { code: 'channel_unreachable', detail: 'nobody linked a phone in time', hint: 'try again' };
  const home = await steps({ ...row, step: 2, state: 'failed', problem });
  const { code, stderr } = await countersign(home, 'channels', 'login', 'whatsapp');
  expect(code).toBe(15);
  expect(stderr).toContain('error: nobody linked a phone in time');
});

test('logging out says when the service could not be told', async () => {
  const { code, stdout, stderr } = await countersign(await steps(LINKED), 'channels', 'logout', 'whatsapp');
  expect([code, stdout]).toEqual([0, 'whatsapp is logged out\n']);
  expect(stderr).toContain('remove the device on the phone');
});

test('a failure keeps the name it begins with, and a status says each thing once', async () => {
  const problem = { code: 'channel_unreachable', detail: 'WhatsApp could not be reached' };
  const home = await steps({ ...row, step: 2, state: 'failed', problem });
  const failed = await countersign(home, 'channels', 'login', 'whatsapp');
  expect(failed.stderr).toContain('error: WhatsApp could not be reached');
  const why = 'no phone is linked yet';
  const shown = {
    channel: 'whatsapp',
    account: 'default',
    enabled: true,
    dmPolicy: 'pairing',
    state: 'failed',
  };
  const away = makeHome();
  await standIn(away, {
    'GET /api/v1/channels/status': { items: [{ ...shown, probe: why, detail: why, hint: 'link it' }] },
  });
  const { stdout, stderr } = await countersign(away, 'channels', 'status');
  expect(stderr).toBe('');
  expect(stdout).toContain(`${why}; link it`);
  expect(stdout.split(why)).toHaveLength(2);
});
