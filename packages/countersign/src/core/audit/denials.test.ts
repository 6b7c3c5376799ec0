// R65: every denial is in the audit, repeated ones by their number. The attack: so many kinds at once that what is counted together
// is said of whoever came first.
import { expect, test } from 'vitest';
import { openTestStore } from '../../testing/store/open.ts';
import { Denials } from './denials.ts';
import type { EventDraft } from './event.ts';

test('R65: past the kinds that are told apart, a number is said of nobody', async () => {
  const store = await openTestStore('sqlite::memory:');
  const denials = new Denials(store);
  const draft = (n: number): EventDraft => ({
    ...{ type: 'grant.refused', at: 1, outcome: 'denied', reason: 'not_theirs' },
    actor: { kind: 'token', id: `tok_${n}` },
    subject: { approval: `appr_${n}` },
  });
  for (let n = 0; n < 1_010; n += 1) await denials.record(`kind ${n}`, draft(n));
  await denials.record('kind 7', draft(7));
  await denials.flush(2, true);
  const bodies = (await store.audit.list({ types: ['denials.counted'], limit: 9 })).map(({ body }) => body);
  const counted = bodies.toSorted((a, b) => Number(a.subject['more']) - Number(b.subject['more']));
  expect(counted).toMatchObject([
    { actor: 'tok_7', reason: 'not_theirs', subject: { approval: 'appr_7', of: 'grant.refused', more: 1 } },
    { actor: 'system', subject: { of: 'grant.refused', more: 9 } },
  ]);
  expect(JSON.stringify(counted[1])).not.toMatch(/appr_|tok_|not_theirs/);
  await store.close();
});
