// An event in words: pure. What an event holds is shown as text; ids among it lead on.
import type { AuditEvent } from '@countersign/protocol/gateway';
import type { Text } from '../../text/say.ts';

type Says = Text['audit'];
export type Kind = keyof Says['kinds'];

/** What each kind asks the gateway for: types, and beginnings of types. */
export const KIND_TYPES: Readonly<Record<Exclude<Kind, 'all'>, readonly string[]>> = {
  chat: ['message.', 'turn.', 'command.', 'delivery.'],
  door: ['pairing.', 'allow_list.'],
  people: ['person.'],
  sessions: ['session.'],
  devices: ['device.', 'setup.', 'push.'],
  signIn: ['login.', 'claim.', 'gateway.claimed'],
  factors: ['factor.', 'recovery_codes.', 'recovery_code.', 'recovery.', 'code.'],
  approvals: ['approval.', 'grant.', 'elevation.', 'policy.'],
  tools: ['token.', 'bearer.', 'ingress.', 'proxy.', 'verify.'],
  settings: ['config.', 'channel.', 'gateway.started', 'gateway.stopped'],
  refused: ['call.', 'denials.'],
};

export function sentenceOf({ type, reason }: Pick<AuditEvent, 'type' | 'reason'>, says: Says): string {
  // After a yes, and nobody changed their mind: what would have run was another thing.
  if (type === 'approval.cancelled' && reason?.startsWith('changed_') === true) return says.changed;
  if (type === 'approval.cancelled' && reason === 'asker_gone') return says.gone;
  const words: Readonly<Record<string, string>> = says.events;
  return Object.hasOwn(words, type) ? (words[type] ?? type) : says.unknown(type);
}

export function fieldOf(name: string, says: Says): string {
  const words: Readonly<Record<string, string>> = says.fields;
  return Object.hasOwn(words, name) ? (words[name] ?? name) : name;
}

/** A reason in a sentence; null where its own word has to do. */
export function reasonOf(reason: string, says: Says): string | null {
  const words: Readonly<Record<string, string>> = says.reasons;
  return Object.hasOwn(words, reason) ? (words[reason] ?? null) : null;
}

const ID = /^[a-z]{3,6}_[a-z0-9]{8,64}$/;

export function isId(text: string): boolean {
  return ID.test(text);
}

export type By =
  | { readonly how: 'host' | 'file' | 'system' | 'sender' }
  | { readonly how: 'hostAs'; readonly person: string }
  | {
      readonly how: 'person';
      readonly person: string;
      readonly device: string | null;
      readonly surface: string;
    }
  | { readonly how: 'other'; readonly text: string };

const PLAIN = ['host', 'file', 'system', 'sender'] as const;

/** Who did it, as the chain writes it down: `host`, `host+prn_…`, `prn_…@device:dev_…`, `prn_…@chat`. */
export function byOf(actor: string): By {
  const plain = PLAIN.find((one) => one === actor);
  if (plain !== undefined) return { how: plain };
  if (actor.startsWith('host+') && isId(actor.slice(5))) return { how: 'hostAs', person: actor.slice(5) };
  const at = actor.indexOf('@');
  const person = actor.slice(0, Math.max(0, at));
  if (!isId(person)) return { how: 'other', text: actor };
  const surface = actor.slice(at + 1);
  const device = surface.startsWith('device:') ? surface.slice('device:'.length) : null;
  return { how: 'person', person, device, surface };
}

/** What an event is about, for its line in the list: the person first, then what is rarer than a message or a turn. */
export function idsOf({ subject }: Pick<AuditEvent, 'subject'>): readonly string[] {
  const found = Object.entries(subject).flatMap(([name, value]) =>
    typeof value === 'string' && isId(value) ? [{ name, value }] : [],
  );
  const rank = ({ name }: { name: string }): number => ['principal', 'person'].indexOf(name) + 1;
  const sorted = found.toSorted((a, b) => rank(b) - rank(a));
  return [...new Set(sorted.map(({ value }) => value))];
}

/** A value of an event as one line of text. */
export function lineOf(value: AuditEvent['subject'][string]): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** The page that shows what an id names; null where there is none. */
export function pageOfId(
  id: string,
): { readonly page: string; readonly query: Record<string, string> } | null {
  if (id.startsWith('prn_')) return { page: 'people', query: { open: id } };
  if (id.startsWith('pair_')) return { page: 'pairings', query: { open: id } };
  if (id.startsWith('appr_')) return { page: 'approvals', query: { open: id } };
  if (id.startsWith('devreq_')) return { page: 'devices', query: { open: id } };
  return null;
}
