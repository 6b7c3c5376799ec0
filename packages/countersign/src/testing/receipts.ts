// Receipts for tests, and what an attacker makes of one: every single value changed, and stories that do not follow, signed again
// by a key that is trusted, so that they have to fail for what they tell.
import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import type { ApprovalRow } from '@countersign/protocol/approval';
import { type Json, signedBytes } from '@countersign/protocol/canonical';
import type { Receipt } from '@countersign/protocol/receipt';
import type { BearerKeys } from '@countersign/protocol/token';
import { type ApprovalHouse, openApprovalHouse, PUSH } from './approval-house.ts';
import { jsonOf } from './house.ts';

export const RESULT = { exitCode: 3, signal: null, outputDigest: 'b'.repeat(64), outputSize: 12 } as const;

export interface Made {
  readonly receipt: Receipt;
  readonly keys: BearerKeys['keys'];
}

export async function receiptOf(stage: ApprovalHouse, id: string): Promise<Receipt> {
  const answer = await stage.house.call('host', 'GET', `/api/v1/approvals/${id}/receipt`);
  if (answer.status !== 200) throw new Error(await answer.text());
  return jsonOf<Receipt>(answer);
}

export function keysOf(stage: ApprovalHouse): BearerKeys['keys'] {
  return stage.house.composed.services.jwks().keys;
}

/** Asked for Rita, approved on a page, redeemed; then started and ended, or never started. */
export async function ended(
  stage: ApprovalHouse,
  how: 'finished' | 'failed' = 'finished',
  more: { readonly changed?: 'program' | 'script' } = {},
): Promise<string> {
  const { id } = await stage.asks(PUSH, { session: await stage.handle('rita') });
  const page = await stage.browser('ari');
  await page.call('POST', `/api/v1/approvals/${id}/decision`, {
    decision: 'approve',
    reason: 'as we said',
  });
  const { grant = '', run } = await jsonOf<ApprovalRow>(stage.sees(id));
  const authorization = { authorization: `Bearer ${stage.program.token}` };
  const posts = (path: string, body: object) =>
    stage.house.call('agent', 'POST', `/api/v1/grants/${path}`, body, authorization);
  await posts('redeem', { grant });
  if (how === 'failed') await posts('report', { grant: run?.grant, what: 'failed', why: 'no such folder' });
  else {
    await posts('report', { grant: run?.grant, what: 'started' });
    await posts('report', { grant: run?.grant, what: 'finished', ...RESULT, ...more });
  }
  return id;
}

export async function made(how: 'finished' | 'failed' = 'finished'): Promise<Made> {
  await using stage = await openApprovalHouse();
  const id = await ended(stage, how);
  return { receipt: await receiptOf(stage, id), keys: keysOf(stage) };
}

export const asJson = (value: object): Json => JSON.parse(JSON.stringify(value));

/** Every place in it that holds a value, as a path. */
export function leaves(
  value: Json,
  path: readonly (string | number)[] = [],
): (readonly (string | number)[])[] {
  if (Array.isArray(value)) return value.flatMap((one: Json, index) => leaves(one, [...path, index]));
  if (typeof value !== 'object' || value === null) return [path];
  return Object.entries(value).flatMap(([name, one]) => leaves(one, [...path, name]));
}

export function changed(value: Json, [first, ...rest]: readonly (string | number)[]): Json {
  if (first === undefined) return other(value);
  if (Array.isArray(value))
    return value.map((one: Json, index) => (index === first ? changed(one, rest) : one));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [name, name === first ? changed(one, rest) : one]),
  );
}

/** As little else as there is, of the same kind: a form that is refused proves nothing about the rest. */
function other(value: Json): Json {
  if (typeof value === 'number') return value + 1;
  if (typeof value === 'boolean') return !value;
  if (typeof value !== 'string') return 'x';
  if (/^\d{4}-.*Z$/.test(value)) return new Date(Date.parse(value) + 1).toISOString();
  const last = value.at(-1) ?? '';
  const next = /[0-8a-eA-Y]/.test(last) ? String.fromCharCode(last.charCodeAt(0) + 1) : 'a';
  return `${value.slice(0, -1)}${next}`;
}

/** The gateway's key in the wrong hands, or a gateway that signs what a changed database says. */
export class Forger {
  readonly pair = generateKeyPairSync('ed25519');
  readonly kid = 'A'.repeat(43);
  readonly keys = (['gateway', 'grant'] as const).map((purpose) => ({
    ...this.pair.publicKey.export({ format: 'jwk' }),
    kid: this.kid,
    countersign_purpose: purpose,
  }));

  #signed(domain: 'countersign.head.v1' | 'countersign.receipt.v1', value: object) {
    const bytes = sign(null, signedBytes(domain, asJson(value)), this.pair.privateKey);
    return { ...value, signature: { kid: this.kid, value: bytes.toString('base64url') } };
  }

  #grant(grant: string): string {
    const [, payload = ''] = grant.split('.');
    const header = { alg: 'EdDSA', typ: 'countersign-grant+jwt', kid: this.kid };
    const input = `${Buffer.from(JSON.stringify(header)).toString('base64url')}.${payload}`;
    return `${input}.${sign(null, Buffer.from(input), this.pair.privateKey).toString('base64url')}`;
  }

  /** @param hashes whether the events are hashed anew. */
  resigned(receipt: Receipt, hashes = true): Json {
    const { signature: _, ...said } = structuredClone(receipt);
    let before = { seq: 0, hash: '' };
    const events = said.events.map(({ body, hash }) => {
      if (!hashes) return { body, hash };
      const prev = body.seq === before.seq + 1 ? before.hash : body.prev;
      const now = { ...body, prev };
      const made = createHash('sha256')
        .update(signedBytes('countersign.audit.v1', asJson(now)))
        .digest('base64url');
      before = { seq: body.seq, hash: made };
      return { body: now, hash: made };
    });
    const heads = said.heads.map(({ signature: __, ...head }) => {
      const last = events.at(-1);
      const isLast = last !== undefined && last.body.seq === head.seq && hashes;
      return this.#signed('countersign.head.v1', isLast ? { ...head, hash: last.hash } : head);
    });
    const grant = said.grant === null ? null : this.#grant(said.grant);
    return asJson(this.#signed('countersign.receipt.v1', { ...said, events, heads, grant }));
  }
}

/** What a key that signs anything may say, and no event, digest or grant says otherwise: docs/spec/audit.md, 7.6. */
export function unproven({ decisions, heads, people, run }: Receipt): string[] {
  return [
    'at',
    // Two texts of the audit are kept sealed, apart from the chain: what somebody said with it, and why nothing was started.
    ...decisions.flatMap(({ reason }, index) => (reason === undefined ? [] : [`decisions.${index}.reason`])),
    ...heads.flatMap((_, index) => [`heads.${index}.at`, `heads.${index}.seq`]),
    ...Object.keys(people).map((id) => `people.${id}`),
    ...(run?.failure === undefined ? [] : ['run.failure']),
  ].toSorted();
}

/** Every value that a receipt may have otherwise and still verify, when it is signed again; what is signed itself aside. */
export async function acceptedWhenSigned(
  receipt: Receipt,
  isWhole: (document: Json, keys: Forger['keys']) => boolean | Promise<boolean>,
): Promise<string[]> {
  const forger = new Forger();
  const accepted: string[] = [];
  // Events are hashed anew by whoever signs, and so is a head: what they hold is the audit itself.
  const told = leaves(asJson(receipt)).filter(
    ([first, , third]) =>
      !['events', 'grant', 'signature', 'keys'].includes(`${first}`) &&
      !['hash', 'signature'].includes(`${third}`),
  );
  for (const path of told) {
    const other = changed(asJson(receipt), path) as unknown as Receipt;
    if (await isWhole(forger.resigned(other), forger.keys)) accepted.push(path.join('.'));
  }
  return accepted.toSorted();
}

type Change = (receipt: Receipt) => void;
export const eventOf = (receipt: Receipt, type: string) =>
  receipt.events.find(({ body }) => body.type === type)?.body ?? nothing(type);
interface Times {
  exp: number;
  iat: number;
  more?: number;
}

/** Signed anew afterwards, as everything is. */
function regranted(receipt: Receipt, change: (claims: Times) => void): void {
  const [header = '', payload = ''] = (receipt.grant ?? '').split('.');
  const claims: Times = JSON.parse(Buffer.from(payload, 'base64url').toString());
  change(claims);
  receipt.grant = `${header}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.`;
}
const without = (receipt: Receipt, type: string) => {
  receipt.events = receipt.events.filter(({ body }) => body.type !== type);
};

export const STORIES: Readonly<Record<string, Change>> = {
  'another command': ({ request }) => {
    if ('argv' in request.action) request.action.argv.push('--force');
  },
  'another person asked': ({ request }) => {
    request.requester = 'prn_somebody';
  },
  'another machine': ({ request }) => {
    request.host = 'ins_elsewhere';
  },
  'somebody else said yes': ({ decisions }) => {
    for (const one of decisions) one.by = 'prn_somebody';
  },
  'proven with a passkey that nobody used': ({ decisions }) => {
    for (const one of decisions) one.factors = ['passkey'];
  },
  'said on another surface': ({ decisions }) => {
    for (const one of decisions) one.surface = 'host';
  },
  'a second yes': ({ decisions }) => {
    decisions.push(...structuredClone(decisions));
  },
  'no yes at all': (receipt) => {
    receipt.decisions = [];
  },
  'no event of the yes': (receipt) => without(receipt, 'approval.approved'),
  'no event of the asking': (receipt) => without(receipt, 'approval.requested'),
  'no redemption, and it ran': (receipt) => without(receipt, 'approval.redeemed'),
  'redeemed twice': (receipt) => {
    receipt.events.push({ ...structuredClone(receipt.events.at(2) ?? nothing('event')) });
    const body = receipt.events.at(-1)?.body ?? nothing('event');
    body.seq = (receipt.events.at(-2)?.body.seq ?? 0) + 1;
    for (const head of receipt.heads) head.seq += 1;
  },
  'it ended well': ({ run }) => {
    if (run !== null) run.exitCode = 0;
  },
  'another script ran': ({ run }) => {
    if (run !== null) run.changed = 'script';
  },
  'it is still running': (receipt) => {
    receipt.request.state = 'redeemed';
  },
  'it never ran': (receipt) => {
    receipt.run = null;
    receipt.grant = null;
  },
  'the grant of something else': (receipt) => {
    if (receipt.run !== null) receipt.run.grant = 'grant_another';
    for (const { body } of receipt.events)
      if ('grant' in body.subject) body.subject['grant'] = 'grant_another';
  },
  'an event of another request': (receipt) => {
    eventOf(receipt, 'approval.started').subject['approval'] = 'appr_another';
  },
  'an event about another action': (receipt) => {
    eventOf(receipt, 'approval.approved').subject['actionDigest'] = 'c'.repeat(64);
  },
  'events in another order': (receipt) => {
    receipt.events.reverse();
  },
  'an event behind the head': (receipt) => {
    for (const head of receipt.heads) head.seq = 1;
  },
  'it was taken back': (receipt) => {
    receipt.request.state = 'cancelled';
  },
  'it was never answered': (receipt) => {
    receipt.request.state = 'expired';
  },
  'it was asked earlier': ({ request }) => {
    request.createdAt = new Date(Date.parse(request.createdAt) - 1_000).toISOString();
  },
  'the policy let it run': ({ request }) => {
    request.because = 'free';
  },
  'the grant lasted an hour longer': (receipt) => regranted(receipt, (said) => (said.exp += 3_600)),
  'the grant was given earlier': (receipt) => regranted(receipt, (said) => (said.iat -= 1)),
  'the grant says more': (receipt) => regranted(receipt, (said) => (said.more = 1)),
  'the yes was another grant': (receipt) => {
    eventOf(receipt, 'approval.approved').subject['grant'] = 'grant_another';
  },
  'it is lost': ({ run }) => {
    if (run !== null) run.lostAt = run.redeemedAt;
  },
  'others were asked, too': ({ request }) => {
    request.need?.people.push('prn_somebody');
  },
  'a proof was asked for': ({ request }) => {
    if (request.need !== undefined) request.need.factors = ['passkey'];
  },
  'more had to say yes': ({ request }) => {
    if (request.need !== undefined) request.need.quorum = 2;
  },
  'somebody said yes who was not asked': ({ request }) => {
    if (request.need !== undefined) request.need.people = ['prn_somebody'];
  },
};

function nothing(what: string): never {
  throw new Error(`this receipt has no ${what}`);
}
