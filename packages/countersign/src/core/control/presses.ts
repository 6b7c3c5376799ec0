// What a button stands for, by what its card is about. A press means what the words would mean, asked of the same rights.
import { isId, type PairingId } from '@countersign/protocol/ids';
import type { Verb } from '../authorise.ts';
import type { Card, CardVerb } from '../card-port.ts';
import { effectiveState } from '../pairing/machine.ts';
import { ApprovalSayings } from './approval-sayings.ts';
import { DeviceSayings } from './device-sayings.ts';
import { notMe, type Said } from './sayings.ts';
import type { ControlPorts, Speaker } from './speaker.ts';

export interface Press {
  readonly card: Card;
  readonly verb: CardVerb;
}

type Allow = (speaker: Speaker, verb: Verb) => Promise<void>;

/** @throws Problem that says why not. */
export async function decidePress(
  press: Press,
  speaker: Speaker,
  ports: ControlPorts,
  allow: Allow,
): Promise<Said> {
  const { about } = press.card;
  if (isId('challenge', about) && press.verb === 'not_me') {
    await allow(speaker, 'login.not_me');
    return notMe(await ports.login.disown(about, speaker.caller.principal, speaker.actor));
  }
  const { verb, card } = press;
  if (isId('deviceRequest', about) && (verb === 'approve' || verb === 'deny'))
    return new DeviceSayings(ports, allow).press(about, { verb, isClosed: card.state === 'closed' }, speaker);
  if (isId('approval', about) && (verb === 'approve' || verb === 'deny'))
    return new ApprovalSayings(ports, allow).press(about, { verb, card }, speaker);
  if (isId('pairing', about)) return decidePairing(about, press, speaker, ports, allow);
  return NOTHING;
}

const NOTHING: Said = { text: 'Nothing can be done with that any more.' };

const DONE = {
  approve: 'Approved. They may talk now.',
  deny: 'Denied. They were told no.',
  block: 'Blocked, in silence.',
} as const;

async function decidePairing(
  id: PairingId,
  { card, verb }: Press,
  speaker: Speaker,
  { store, pairings }: ControlPorts,
  allow: Allow,
): Promise<Said> {
  if (verb === 'not_me') return NOTHING;
  await allow(speaker, `pairing.${verb}`);
  const row = await store.pairings.get(id);
  if (row === null) return { text: 'That request is gone.' };
  const state = effectiveState(row, speaker.now);
  if (card.state === 'closed') return { text: `Nothing was changed: that request is ${state} already.` };
  const decided =
    verb === 'approve'
      ? await pairings.approve(row.id, speaker.actor, { forMs: null, name: null })
      : await pairings[verb](row.id, speaker.actor);
  return { text: DONE[verb], about: decided.id };
}
