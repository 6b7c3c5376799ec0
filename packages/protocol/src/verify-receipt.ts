// Checks a receipt with nothing but the receipt and keys that were kept somewhere else. First the form and the signatures,
// then whether what is signed tells one story: digests over what they name, events that follow each other, words that have
// their event, a grant for this and nothing else. Every way out but the last is a no (R42).
import { actionDigest, requestDigest, shortDigest } from './action-digest.ts';
import { canonicalJson, type Domain, type Json, signedBytes } from './canonical.ts';
import { visible } from './display.ts';
import { verifyGrant } from './grant.ts';
import { Problem } from './problem.ts';
import { type KeyPurpose, RECEIPT_KIND, type Receipt, receiptSchema } from './receipt.ts';
import { storyFaults } from './receipt-story.ts';
import { jsonFault } from './strict-json.ts';

export interface ReceiptKey {
  readonly kid?: string | undefined;
  readonly kty?: unknown;
  readonly crv?: unknown;
  readonly x?: unknown;
  /** What it signs: as the gateway publishes it. */
  readonly countersign_purpose?: unknown;
}

export interface Checked {
  readonly what: string;
  /** Null: it holds. */
  readonly fault: string | null;
}

export interface ReceiptVerdict {
  /** Everything holds; with the keys of the receipt itself where none were given. */
  readonly ok: boolean;
  /** Whether the keys came from elsewhere. Without that, anybody may have written it. */
  readonly trusted: boolean;
  readonly checks: readonly Checked[];
  /** Null when it has not the form of one. */
  readonly receipt: Receipt | null;
}

/** @param trusted public keys (JWKs) of the gateway, from anywhere but the receipt; null for none. */
export async function verifyReceipt(
  document: Json,
  trusted: readonly ReceiptKey[] | null,
): Promise<ReceiptVerdict> {
  const fault = jsonFault(document);
  const parsed = receiptSchema.safeParse(document);
  const wrong = fault ?? (parsed.success ? null : formFault(parsed.error.issues[0]));
  if (wrong !== null || !parsed.success) {
    const checks = [{ what: `it has the form of ${RECEIPT_KIND}`, fault: visible(wrong ?? 'it has not') }];
    return { ok: false, trusted: trusted !== null, checks, receipt: null };
  }
  const receipt = parsed.data;
  const keys = (trusted ?? receipt.keys).filter(({ kty, crv }) => kty === 'OKP' && crv === 'Ed25519');
  // One key says who asked and what happened, another what may run: neither speaks for the other.
  const of = (purpose: KeyPurpose) => keys.filter((key) => key.countersign_purpose === purpose);
  const checks: Checked[] = [{ what: `it has the form of ${RECEIPT_KIND}`, fault: null }];
  const check = async (what: string, look: () => Promise<string | null>) => {
    const found = await look().catch(whyFailed);
    // It may name what stands in there, and anybody may have written that (R47).
    checks.push({ what, fault: found === null ? null : visible(found) });
  };
  await check('the gateway signed it', () =>
    signatureFault('countersign.receipt.v1', receipt, of('gateway')),
  );
  await check('the gateway signed the heads of its chains', () => headsFault(receipt, of('gateway')));
  await check('both digests are those of what stands there', () => digestFault(receipt));
  await check('the grant is for this and for nothing else', () => grantFault(receipt, of('grant')));
  for (const [what, look] of storyFaults(receipt)) await check(what, look);
  return { ok: checks.every((one) => one.fault === null), trusted: trusted !== null, checks, receipt };
}

function formFault(
  issue: { readonly path: readonly PropertyKey[]; readonly message: string } | undefined,
): string {
  const where = issue?.path.map(String).join('.') ?? '';
  return where === '' ? (issue?.message ?? 'it has not') : `${where}: ${issue?.message}`;
}

function whyFailed(cause: unknown): string {
  return cause instanceof Problem ? cause.message : 'it cannot be checked';
}

interface Signed {
  readonly signature: { readonly kid: string; readonly value: string };
  readonly [member: string]: unknown;
}

async function signatureFault(
  domain: Domain,
  { signature, ...said }: Signed,
  keys: readonly ReceiptKey[],
): Promise<string | null> {
  const key = keys.find(({ kid }) => kid === signature.kid);
  if (key === undefined) return `no key called ${signature.kid} is among those to be trusted`;
  if (typeof key.x !== 'string') return 'that key is none';
  const { subtle } = globalThis.crypto;
  const jwk = { kty: 'OKP', crv: 'Ed25519', x: key.x };
  const imported = await subtle.importKey('jwk', jwk, { name: 'Ed25519' }, false, ['verify']);
  const bytes = signedBytes(domain, asJson(said));
  const isTheirs = await subtle.verify('Ed25519', imported, fromBase64url(signature.value), bytes);
  return isTheirs ? null : 'the signature does not fit';
}

/** Everything in a receipt came from JSON. */
function asJson(value: object): Json {
  const json: Json = JSON.parse(JSON.stringify(value));
  return json;
}

function fromBase64url(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (byte) => byte.charCodeAt(0));
}

async function headsFault(receipt: Receipt, keys: readonly ReceiptKey[]): Promise<string | null> {
  const { heads, gateway } = receipt;
  if (new Set(heads.map(({ writer }) => writer)).size !== heads.length) return 'one chain has two heads';
  for (const head of heads) {
    if (head.gateway !== gateway) return 'a head is of another gateway';
    const fault = await signatureFault('countersign.head.v1', head, keys);
    if (fault !== null) return fault;
  }
  return null;
}

async function digestFault({ request }: Receipt): Promise<string | null> {
  const { action, facts, tier, requester, agent, host } = request;
  if ((await actionDigest(action)) !== request.actionDigest) return 'the action has another digest';
  if (facts.actionDigest !== request.actionDigest) return 'the request was about another action';
  if ((await requestDigest(facts)) !== request.requestDigest) return 'the request has another digest';
  if (shortDigest(request.requestDigest) !== request.short) return 'its ten letters are others';
  if (facts.tier !== tier || facts.requester !== requester || facts.agent !== agent)
    return 'who asked, or how risky it is, is not what the digest is over';
  if (action.host !== host) return 'it was for another machine';
  return Date.parse(request.expiresAt) === facts.expiresAt ? null : 'its end is not what the digest is over';
}

/** Several gateways on one store: each writes by its own clock. */
const SKEW_SECONDS = 30;

async function grantFault(receipt: Receipt, keys: readonly ReceiptKey[]): Promise<string | null> {
  const { grant, run, request, decisions, issuer, events } = receipt;
  if (grant === null || run === null)
    return grant === null && run === null ? null : 'a grant or a run is alone';
  const { actionDigest, requestDigest, host, requester, agent } = request;
  const spent = run.redeemedAt === undefined ? request.createdAt : run.redeemedAt;
  const claims = await verifyGrant(grant, {
    ...{ keys: keys.map((key) => ({ ...key })), host, actionDigest, requestDigest },
    // Whether it lasted when it was spent; one that was not may be as old as it is.
    now: new Date(spent),
    ...(run.redeemedAt === undefined
      ? { skewSeconds: Number.MAX_SAFE_INTEGER }
      : { skewSeconds: SKEW_SECONDS }),
  });
  // It is signed anew for the receipt: every word in it has to be one that stands elsewhere, too.
  const yes = events.find(({ body: { type } }) => GRANTING.includes(type))?.body;
  if (yes === undefined) return 'it is a grant, and nothing says that it was given';
  const said: Readonly<Record<string, unknown>> = claims;
  const due: Readonly<Record<string, unknown>> = {
    iss: issuer,
    aud: host,
    sub: requester ?? `agent:${agent}`,
    act: { sub: agent },
    actionDigest,
    requestDigest,
    tier: request.tier,
    approvers: decisions
      .filter(({ decision }) => decision === 'approve')
      .map(({ by, surface, factors, at }) => ({ sub: by, surface, factors, at: seconds(Date.parse(at)) })),
    iat: seconds(yes.at),
    exp: seconds(yes.subject['grantExpiresAt']),
    jti: run.grant,
  };
  const another = [...new Set([...Object.keys(due), ...Object.keys(said)])].find(
    (name) => written(said[name]) !== written(due[name]),
  );
  return another === undefined ? null : `its ${another} is not what the rest says`;
}

const GRANTING: readonly string[] = ['approval.approved', 'approval.allowed'];

function written(value: unknown): string {
  return canonicalJson(asJson({ value }));
}

function seconds(ms: unknown): number | null {
  return typeof ms === 'number' ? Math.floor(ms / 1_000) : null;
}
