#!/usr/bin/env node
// Checks a receipt of Countersign without Countersign: one file, no dependency, no network. Written from docs/spec/audit.md,
// section 7, and from nothing else, so that whoever does not believe our program can read this one.
//
//   node verify.mjs receipt.json jwks.json      0: it verifies · 14: it does not · 11: no keys to trust · 2: usage
import { createHash, createPublicKey, verify as verifySignature } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

/** RFC 8785: members sorted by UTF-16 units, no spaces; strings and numbers as JavaScript writes them. */
function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.keys(value).sort();
  return `{${members.map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`).join(',')}}`;
}

const bytesOf = (tag, value) => Buffer.from(`${tag}\n${canonical(value)}`, 'utf8');
const sha256 = (tag, value, form) => createHash('sha256').update(bytesOf(tag, value)).digest(form);
const millis = (time) => new Date(time).getTime();

/** What people compared: the first 50 bits, five a letter. */
function short(digest) {
  const bits = BigInt(`0x${digest}`) >> 206n;
  const letter = (n) => 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789'[Number((bits >> BigInt(45 - 5 * n)) & 31n)];
  const letters = Array.from({ length: 10 }, (_, n) => letter(n)).join('');
  return `${letters.slice(0, 5)}-${letters.slice(5)}`;
}

/** What is in there may move the cursor of whoever reads it, or hide what follows: it is shown as what it is. */
const visible = (text) =>
  text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (one) =>
    one
      .split('')
      .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
      .join(''),
  );

class Wrong extends Error {}
function must(holds, otherwise) {
  if (!holds) throw new Wrong(otherwise);
}

/** One key says what happened, another what may run: neither speaks for the other. */
function isSigned(bytes, kid, signature, keys, purpose) {
  const jwk = keys.find(
    (key) =>
      key.kid === kid && key.kty === 'OKP' && key.crv === 'Ed25519' && key.countersign_purpose === purpose,
  );
  must(jwk !== undefined, `no key called ${kid} is among those to be trusted`);
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: jwk.x }, format: 'jwk' });
  const proof = Buffer.from(signature, 'base64url');
  // One text for one signature: base64url may be read too kindly.
  return proof.toString('base64url') === signature && verifySignature(null, bytes, key, proof);
}

/** The members that may stand there: `?` or may not, behind the colon what they are, `0` or null. What `action`, `facts` and `need`
 * hold, their digests say. */
const FORM = {
  '': 'kind gateway issuer at:time request:part decisions:list elevation?:part grant:text0 run:part0 events:list heads:list people:names keys:list signature:part',
  request:
    'id state tier short action:part facts:part actionDigest requestDigest requester:text0 agent host need?:part because? createdAt:time expiresAt:time',
  decisions: 'decision by surface:surface factors:list at:time reason?',
  elevation: 'id by surface:surface factors:list at:time',
  run: 'grant redeemedAt?:time startedAt?:time finishedAt?:time lostAt?:time failure? exitCode?:int0 signal?:text0 changed? outputDigest? outputSize?:int',
  events: 'body:part hash',
  heads: 'gateway writer seq:int hash at:time signature:part',
  signature: 'kid value',
};
const KINDS = {
  text: (value) => typeof value === 'string',
  int: (value) => Number.isSafeInteger(value) && value >= 0,
  list: Array.isArray,
  part: (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  names: (value) => KINDS.part(value) && Object.values(value).every(KINDS.text),
  surface: (value) => ['chat', 'page', 'host'].includes(value),
  time: (value) =>
    /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(value) &&
    new Date(value).toISOString().slice(0, 19) === value.slice(0, 19),
};

function form(receipt) {
  must(receipt?.kind === 'countersign.receipt.v1', 'it is no receipt of this version');
  for (const [name, said] of Object.entries(FORM)) {
    const part = name === '' ? receipt : receipt[name];
    for (const one of [part ?? []].flat()) hasForm(name, one, said.split(' '));
  }
  for (const { signature } of receipt.heads) hasForm('signature', signature, FORM.signature.split(' '));
}

function hasForm(part, one, members) {
  must(KINDS.part(one), `${part} is something else`);
  const left = new Set(Object.keys(one));
  for (const member of members) {
    const [, name, optional, kind = 'text', nullable] = /^(\w+)(\??)(?::([a-z]+))?(0?)$/.exec(member);
    if (!left.delete(name)) must(optional === '?', `${part} is not whole: ${name}`);
    else if (!(nullable === '0' && one[name] === null))
      must(KINDS[kind](one[name]), `${part}.${name} is no ${kind}`);
  }
  must(left.size === 0, `${part}.${[...left][0]} belongs to no receipt`);
}

function signedParts(receipt, keys) {
  const { signature, ...said } = receipt;
  const bytes = bytesOf('countersign.receipt.v1', said);
  must(isSigned(bytes, signature.kid, signature.value, keys, 'gateway'), 'the receipt was changed');
  const writers = receipt.heads.map(({ writer }) => writer);
  must(new Set(writers).size === writers.length, 'one chain has two heads');
  for (const { signature: by, ...head } of receipt.heads) {
    must(head.gateway === receipt.gateway, 'a head is of another gateway');
    const bytesOfHead = bytesOf('countersign.head.v1', head);
    must(isSigned(bytesOfHead, by.kid, by.value, keys, 'gateway'), 'a head was changed');
  }
}

function digests({ request }) {
  const { action, facts, actionDigest, requestDigest } = request;
  must(
    sha256('countersign.action.v1', action, 'hex') === actionDigest,
    'the action is not what its digest names',
  );
  must(
    sha256('countersign.request.v1', facts, 'hex') === requestDigest,
    'the request is not what its digest names',
  );
  must(facts.actionDigest === actionDigest, 'the request is about another action');
  must(short(requestDigest) === request.short, 'its ten letters are others');
  const same =
    facts.agent === request.agent && facts.requester === request.requester && facts.tier === request.tier;
  must(
    same && action.host === request.host && millis(request.expiresAt) === facts.expiresAt,
    'it says two things of itself',
  );
}

const EVENT = 'actor at id outcome personal prev reason seq subject type v writer';

function chain({ events, heads, request }) {
  for (const { writer } of heads)
    must(
      events.some(({ body }) => body.writer === writer),
      'a head has nothing to do with it',
    );
  const before = new Map();
  for (const { body, hash } of events) {
    const { v, writer, seq, prev, subject } = body;
    must(v === 1 && Object.keys(body).sort().join(' ') === EVENT, `event ${seq} is of another version`);
    must(sha256('countersign.audit.v1', body, 'base64url') === hash, `event ${seq} was changed`);
    const head = heads.find((one) => one.writer === writer);
    must(head !== undefined && seq <= head.seq, `event ${seq} stands on no chain that was signed`);
    must(seq < head.seq || hash === head.hash, `event ${seq} is not the head it stands for`);
    const last = before.get(writer);
    must(last === undefined || seq > last.seq, `event ${seq} is not in its place`);
    must(
      last === undefined || seq > last.seq + 1 || prev === last.hash,
      `event ${seq} does not follow the one before`,
    );
    before.set(writer, { seq, hash });
    if (body.type === 'elevation.begun') continue;
    must(subject.approval === request.id, `event ${seq} is about something else`);
    if (!body.type.startsWith('approval.') || subject.actionDigest === undefined) continue;
    for (const name of ['actionDigest', 'requestDigest', 'host', 'agent', 'tier'])
      must(subject[name] === request[name], `event ${seq} says another ${name}`);
    const { policy, session } = request.facts;
    must(
      subject.policy === policy && (subject.session ?? null) === session,
      `event ${seq} is of another policy or session`,
    );
    must((subject.principal ?? null) === request.requester, `event ${seq} is for somebody else`);
  }
}

function elevated({ events, request, elevation }) {
  const begun = events.map(({ body }) => body).filter(({ type }) => type === 'elevation.begun');
  const named = events.find(({ body }) => body.type === 'approval.allowed')?.body.subject.elevation;
  if (elevation === undefined)
    return must(
      request.because !== 'elevated' && begun.length === 0 && named === undefined,
      'nobody says who elevated it',
    );
  const { subject = {}, at } = begun[0] ?? {};
  const same =
    begun.length === 1 &&
    request.because === 'elevated' &&
    named === elevation.id &&
    subject.elevation === elevation.id &&
    subject.principal === elevation.by &&
    subject.surface === elevation.surface &&
    subject.agent === request.agent &&
    subject.factors.join() === elevation.factors.join() &&
    at === millis(elevation.at);
  must(same, 'it did not run by that elevation');
}

function words({ events, decisions, request, run }) {
  const types = { 'approval.endorsed': 'approve', 'approval.approved': 'approve', 'approval.denied': 'deny' };
  const said = events.map(({ body }) => body).filter(({ type }) => Object.hasOwn(types, type));
  must(said.length === decisions.length, 'not every word has its event');
  for (const word of decisions) {
    const event = said.find(({ at, subject }) => at === millis(word.at) && subject.by === word.by);
    const same =
      event !== undefined &&
      types[event.type] === word.decision &&
      event.subject.surface === word.surface &&
      event.subject.factors.join() === word.factors.join();
    must(same, `no event says what ${word.by} said`);
  }
  if (run === null || request.need === undefined) return;
  const yes = new Set(decisions.filter(({ decision }) => decision === 'approve').map(({ by }) => by));
  must(yes.size === decisions.length && yes.size >= request.need.quorum, 'not enough people said yes');
  must(
    [...yes].every((by) => request.need.people.includes(by)),
    'somebody said yes who was not asked',
  );
}

function grantClaims({ grant, request, run, issuer, decisions, events }, keys) {
  if (grant === null || run === null) return must(grant === run, 'a grant or a run stands alone');
  const [head = '', payload = '', signature = '', more] = grant.split('.');
  const header = JSON.parse(Buffer.from(head, 'base64url').toString('utf8'));
  must(
    more === undefined && header.alg === 'EdDSA' && header.typ === 'countersign-grant+jwt',
    'that is no grant',
  );
  must(
    isSigned(Buffer.from(`${head}.${payload}`), header.kid, signature, keys, 'grant'),
    'the grant was changed',
  );
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'));
  const seconds = (ms) => Math.floor(ms / 1000);
  const yes = events.find(({ body }) => ['approval.approved', 'approval.allowed'].includes(body.type)).body;
  // It was signed anew for the receipt: each word of it stands elsewhere, too.
  const due = {
    iss: issuer,
    aud: request.host,
    sub: request.requester ?? `agent:${request.agent}`,
    act: { sub: request.agent },
    actionDigest: request.actionDigest,
    requestDigest: request.requestDigest,
    tier: request.tier,
    approvers: decisions
      .filter(({ decision }) => decision === 'approve')
      .map(({ by, surface, factors, at }) => ({ sub: by, surface, factors, at: seconds(millis(at)) })),
    iat: seconds(yes.at),
    exp: seconds(yes.subject.grantExpiresAt),
    jti: run.grant,
  };
  must(canonical(claims) === canonical(due), 'the grant says something else than the rest');
  if (run.redeemedAt === undefined) return;
  const at = millis(run.redeemedAt) / 1000;
  must(at >= claims.iat - 30 && at < claims.exp + 30, 'it was spent before or after its time');
}

function ran({ events, request, run }) {
  const all = (...types) => events.map(({ body }) => body).filter(({ type }) => types.includes(type));
  const begun = all('approval.requested', 'approval.allowed');
  const refused = all('approval.refused').filter(({ outcome }) => outcome === 'denied');
  const then = [...begun, ...refused].filter(({ at }) => at === millis(request.createdAt));
  must(then.length > 0 && begun.every((one) => then.includes(one)), 'nothing says that it was asked then');
  const steps = [
    ['redeemedAt', all('approval.redeemed')],
    ['startedAt', all('approval.started')],
    ['finishedAt', all('approval.finished', 'approval.failed')],
  ];
  const [yes] = all('approval.approved', 'approval.allowed');
  must((yes === undefined) === (run === null), 'a yes without a grant, or a grant without a yes');
  must(yes === undefined || yes.subject.grant === run.grant, 'the yes was another grant');
  for (const [name, found] of steps) {
    const at = run?.[name];
    must(found.length <= 1, `it says ${name} more than once`);
    must(found.length === (at === undefined ? 0 : 1), `${name} and the events contradict each other`);
    if (found.length === 1)
      must(found[0].at === millis(at) && found[0].subject.grant === run.grant, `${name} is wrong`);
  }
  // Whoever came back was not lost.
  const lost = steps[2][1].length > 0 ? undefined : all('approval.lost')[0];
  must((lost?.at ?? null) === (run?.lostAt === undefined ? null : millis(run.lostAt)), 'lostAt is wrong');
  const [redeemed, started, ended] = steps.map(([, [event]]) => event);
  const inTurn = [yes, redeemed, started, ended].filter((event) => event !== undefined);
  // Several gateways on one store write a chain each: between two chains there is no order.
  const follows = (event, n) =>
    n === 0 || event.writer !== inTurn[n - 1].writer || event.seq > inTurn[n - 1].seq;
  must(inTurn.every(follows), 'it did not happen in this order');
  must(redeemed !== undefined || (started ?? ended) === undefined, 'it ran and was not redeemed');
  const result = ended?.type === 'approval.finished' ? ended.subject : {};
  must(
    run?.failure === undefined || ended?.type === 'approval.failed',
    'it failed, and its events do not say so',
  );
  for (const name of ['exitCode', 'signal', 'changed', 'outputDigest', 'outputSize'])
    must((result[name] ?? null) === (run?.[name] ?? null), `it ended with another ${name}`);
}

function asked({ events, request }) {
  const event = events.find(({ body }) => body.type === 'approval.requested')?.body;
  const { need, because = null } = request;
  must((event === undefined) === (need === undefined), 'who was asked, and that somebody was, differ');
  if (event !== undefined) {
    const digest = sha256('countersign.need.v1', need, 'hex');
    must(event.subject.need === digest, 'others were asked than it says');
    const unsaid = ['cancelled', 'expired', 'superseded', 'undelivered'].map((name) => `approval.${name}`);
    const ended = events.find(({ body }) => unsaid.includes(body.type))?.body.reason ?? null;
    return must(ended === because, 'it ended for another reason');
  }
  const atOnce = events.find(
    ({ body: { type, at } }) =>
      type === 'approval.allowed' || (type === 'approval.refused' && at === millis(request.createdAt)),
  );
  must((atOnce?.body.reason ?? null) === because, 'the policy had another reason');
}

/** What it has come to, by its events alone: from the last step to the first. */
function state({ events, request, grant, at }) {
  const types = new Set(events.map(({ body }) => body.type.replace('approval.', '')));
  const has = (...names) => names.some((name) => types.has(name));
  const last = ['lost', 'redeemed', 'superseded', 'cancelled', 'expired', 'denied'];
  const step = has('finished', 'failed') ? 'finished' : last.find((name) => has(name));
  const open = has('undelivered') || !has('requested') ? 'denied' : 'pending';
  const said = step ?? (has('approved', 'allowed') ? 'approved' : open);
  // That a time is over is written down a while after it is. A grant ends on a whole second, cut off.
  const claims = said === 'approved' ? JSON.parse(Buffer.from(grant.split('.')[1], 'base64url')) : null;
  const until = said === 'pending' ? millis(request.expiresAt) : claims === null ? null : claims.exp * 1000;
  const may = [said];
  if (until !== null && millis(at) >= until) may.push('expired');
  if (until !== null && millis(at) >= until + (claims === null ? 0 : 1000)) may.shift();
  must(may.includes(request.state), `it is ${request.state}, and its events say ${may.join(' or ')}`);
}

/** @param keys public JWKs of the gateway, from anywhere but the receipt. @returns null, or what does not hold. */
export function whatIsWrong(receipt, keys) {
  try {
    form(receipt);
    signedParts(receipt, keys);
    for (const check of [digests, chain, elevated, words, asked, ran, state]) check(receipt);
    grantClaims(receipt, keys);
    return null;
  } catch (failure) {
    return failure instanceof Wrong ? failure.message : 'it has not the form of a receipt';
  }
}

/** Names given twice are read in two ways; what a gateway writes is what this writes again. */
function read(text) {
  const value = JSON.parse(text);
  const again = [JSON.stringify(value), JSON.stringify(value, null, 2)];
  if (!again.includes(text.trim())) throw new Wrong('it is not written as a gateway writes it');
  return value;
}

function keysIn(text) {
  const { keys, kind } = JSON.parse(text);
  // A receipt, given as the keys to trust, would vouch for itself.
  if (kind !== undefined || !Array.isArray(keys) || !keys.every(KINDS.part))
    throw new Wrong('that file holds no keys: {"keys": […]}, as /.well-known/jwks.json says them');
  return keys;
}

function main([file, keyFile]) {
  if (file === undefined) {
    console.error('usage: node verify.mjs receipt.json jwks.json');
    return 2;
  }
  let text;
  let given;
  try {
    text = readFileSync(file, 'utf8');
    if (keyFile !== undefined) given = keysIn(readFileSync(keyFile, 'utf8'));
  } catch (failure) {
    console.error(visible(`error: ${failure.message}`));
    return 2;
  }
  let receipt;
  try {
    receipt = read(text);
  } catch (failure) {
    console.error(visible(`error: ${failure.message}`));
    return 14;
  }
  const keys = given ?? receipt?.keys ?? [];
  const wrong = whatIsWrong(receipt, keys);
  if (wrong !== null) {
    console.error(visible(`error: it does not verify: ${wrong}`));
    return 14;
  }
  const { request, decisions, run } = receipt;
  const { id, state, requester: asked, agent } = request;
  const yes = decisions.map(
    ({ by, decision, surface, factors }) => `${decision} of ${by} on ${surface} (${factors})`,
  );
  console.log(visible(JSON.stringify({ id, state, asked, agent, yes, run })));
  if (keyFile !== undefined) return 0;
  console.error('error: it is whole, and nothing says who wrote it: name the keys you trust');
  return 11;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href)
  process.exitCode = main(process.argv.slice(2));
