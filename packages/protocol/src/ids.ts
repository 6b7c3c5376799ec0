// One line per id: prefix, bytes of chance, type. The text form is `prefix_` + RFC 4648 base32, lower case, unpadded.
// Ids are typed as template literals so that one kind can never be passed where another is wanted.

export type PrincipalId = `prn_${string}`;
export type PairingId = `pair_${string}`;
export type DeviceId = `dev_${string}`;
export type DeviceRequestId = `devreq_${string}`;
export type ChallengeId = `chal_${string}`;
export type ApprovalId = `appr_${string}`;
export type GrantId = `grant_${string}`;
export type ElevationId = `elev_${string}`;
export type JobId = `job_${string}`;
export type EventId = `evt_${string}`;
export type SessionId = `ses_${string}`;
export type MessageId = `msg_${string}`;
export type TurnId = `turn_${string}`;
export type OutboxId = `out_${string}`;
export type CardId = `card_${string}`;
export type SetupId = `setup_${string}`;
export type FactorId = `fac_${string}`;
export type RecoveryId = `rec_${string}`;
export type PushId = `push_${string}`;
export type LinkOfferId = `link_${string}`;
export type TokenId = `tok_${string}`;
export type WriterId = `wri_${string}`;
export type InstallationId = `ins_${string}`;

interface IdsByKind {
  principal: PrincipalId;
  pairing: PairingId;
  device: DeviceId;
  deviceRequest: DeviceRequestId;
  challenge: ChallengeId;
  approval: ApprovalId;
  grant: GrantId;
  elevation: ElevationId;
  job: JobId;
  event: EventId;
  session: SessionId;
  message: MessageId;
  turn: TurnId;
  outbox: OutboxId;
  card: CardId;
  linkOffer: LinkOfferId;
  setup: SetupId;
  factor: FactorId;
  recovery: RecoveryId;
  push: PushId;
  token: TokenId;
  writer: WriterId;
  installation: InstallationId;
}

export type IdKind = keyof IdsByKind;

/** Prefix and bytes of chance per kind. Approval ids carry 160 bits (CIBA Core 7.3 recommends it); the rest 120. */
export const ID_KINDS = {
  principal: { prefix: 'prn', bytes: 15 },
  pairing: { prefix: 'pair', bytes: 15 },
  device: { prefix: 'dev', bytes: 15 },
  deviceRequest: { prefix: 'devreq', bytes: 15 },
  challenge: { prefix: 'chal', bytes: 15 },
  approval: { prefix: 'appr', bytes: 20 },
  grant: { prefix: 'grant', bytes: 20 },
  elevation: { prefix: 'elev', bytes: 15 },
  job: { prefix: 'job', bytes: 15 },
  event: { prefix: 'evt', bytes: 15 },
  session: { prefix: 'ses', bytes: 15 },
  message: { prefix: 'msg', bytes: 15 },
  turn: { prefix: 'turn', bytes: 15 },
  outbox: { prefix: 'out', bytes: 15 },
  card: { prefix: 'card', bytes: 15 },
  linkOffer: { prefix: 'link', bytes: 15 },
  setup: { prefix: 'setup', bytes: 15 },
  factor: { prefix: 'fac', bytes: 15 },
  recovery: { prefix: 'rec', bytes: 15 },
  push: { prefix: 'push', bytes: 15 },
  token: { prefix: 'tok', bytes: 15 },
  writer: { prefix: 'wri', bytes: 15 },
  installation: { prefix: 'ins', bytes: 15 },
} as const satisfies Record<IdKind, { prefix: string; bytes: number }>;

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';

/** RFC 4648 base32, lower case, without padding. */
export function base32(bytes: Uint8Array): string {
  let text = '';
  let buffer = 0;
  let bits = 0;
  for (const byte of bytes) {
    buffer = (buffer << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += ALPHABET.charAt((buffer >>> bits) & 31);
    }
    buffer &= (1 << bits) - 1;
  }
  return bits > 0 ? text + ALPHABET.charAt((buffer << (5 - bits)) & 31) : text;
}

/** Makes an id of `kind` from exactly the number of random bytes its row asks for. Throws RangeError otherwise. */
export function makeId<K extends IdKind>(kind: K, chance: Uint8Array): IdsByKind[K] {
  const { prefix, bytes } = ID_KINDS[kind];
  if (chance.length !== bytes) throw new RangeError(`${kind} ids take ${bytes} bytes of chance`);
  return `${prefix}_${base32(chance)}` as IdsByKind[K];
}

/** True when `text` is a complete id of `kind`. */
export function isId<K extends IdKind>(kind: K, text: string): text is IdsByKind[K] {
  const { prefix, bytes } = ID_KINDS[kind];
  const body = text.slice(prefix.length + 1);
  return (
    text.startsWith(`${prefix}_`) && body.length === Math.ceil((bytes * 8) / 5) && /^[a-z2-7]+$/.test(body)
  );
}

/** True when `text` could begin an id of `kind`: the bare beginning of the body counts from three characters on. */
export function isIdPrefix(kind: IdKind, text: string): boolean {
  const { prefix } = ID_KINDS[kind];
  const body = text.startsWith(`${prefix}_`) ? text.slice(prefix.length + 1) : text;
  return body.length >= 3 && /^[a-z2-7]+$/.test(body);
}
