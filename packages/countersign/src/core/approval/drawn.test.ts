// R37: a chat that draws signs as bold or slanted shows another command than the one that would run: `rm *a*` reads as `rm a`.
// There nothing of it is shown, and no yes is said.
import { expect, test } from 'vitest';
import { TWILIO_TRAITS, TWILIO_WHATSAPP_TRAITS } from '../../channels/twilio/traits.ts';
import { WHATSAPP_TRAITS } from '../../channels/whatsapp/traits.ts';
import { WHATSAPP_CLOUD_TRAITS } from '../../channels/whatsapp-cloud/traits.ts';
import { XMPP_TRAITS } from '../../channels/xmpp/traits.ts';
import { RISK } from '../../testing/approval-bench.ts';
import { approvalRow, execAction } from '../../testing/approval-rows.ts';
import { cardFor } from './card-text.ts';
import { isDrawn } from './drawn.ts';
import { listedThen } from './listed.ts';
import { classify } from './risk/classify.ts';

test.each(['rm *a*', "rm '*a*'", 'rm _a_ b', '--x=~y~', 'echo `id`', 'a\nb *c d* e', 'x ```y```', '(*a* )'])(
  'drawn: %j',
  (text) => {
    expect(isDrawn(text)).toBe(true);
  },
);

test.each([
  'git push origin main',
  'rm *.log *.txt',
  'cp a_b_c d__e',
  'ls ~/a ~/b',
  'echo 2*3*4',
  'a*\n*b',
  'ls *',
  'ls * *',
  '',
])('not drawn: %j', (text) => {
  expect(isDrawn(text)).toBe(false);
});

test('it takes no longer than the line is long', () => {
  expect(isDrawn(`${'*a '.repeat(100_000)}`)).toBe(false);
});

test('R37: in a chat that draws, such a command is not shown, and a yes is said elsewhere; a no as ever', () => {
  const card = (argv: readonly string[], draws: boolean, may: 'yes' | 'proof' | 'low' = 'yes') => {
    const action = execAction(...argv);
    const commands = listedThen(classify(action, RISK));
    const asked = {
      ...approvalRow('appr_a', 0, { action, commands }),
      words: [],
      endedAt: null,
      endedBy: null,
    };
    const words = { requester: null, here: false, machine: null, page: 'https://house.example', may };
    return cardFor(asked, words, { maxText: 4_096, draws });
  };
  const hidden = card(['rm', '_a_'], true);
  expect(hidden.may).toBe('page');
  expect(hidden.text).not.toContain('_a_');
  expect(hidden.text).toContain('https://house.example/#/approvals?open=appr_a');
  expect(hidden.text).toContain('No: /deny ');
  expect(card(['rm', '_a_'], true, 'proof').may).toBe('page');
  expect(card(['rm', '_a_'], true, 'low')).toMatchObject({ may: 'low' });
  expect(card(['rm', '_a_'], false)).toMatchObject({ may: 'yes', text: expect.stringContaining('| rm _a_') });
  expect(card(['rm', 'a'], true)).toMatchObject({ may: 'yes', text: expect.stringContaining('| rm a') });
});

test('the channels that draw say so', () => {
  for (const traits of [WHATSAPP_TRAITS, WHATSAPP_CLOUD_TRAITS, TWILIO_TRAITS, TWILIO_WHATSAPP_TRAITS])
    expect(traits.draws).toBe(true);
  expect(XMPP_TRAITS.draws).toBeUndefined();
});
