// One route: authorise → parse → prove, where the table asks for it → one service → print, in that order and in one place.
// A handler cannot be reached but through `answer`, so none runs without `authorise`.
import { Problem } from '@countersign/protocol/problem';
import type { z } from 'zod';
import { authorise, type Caller, VERBS, type Verb } from '../core/authorise.ts';
import type { ProofGiven } from '../core/factor/step-up.ts';
import { jsonAnswer } from './answers.ts';
import { readJsonBody } from './body.ts';
import type { Bindings } from './door.ts';
import { readFormBody } from './form.ts';
import { missingScopes } from './missing-scopes.ts';
import type { Services } from './services.ts';

export interface Call {
  readonly request: Request;
  readonly url: URL;
  readonly params: Readonly<Record<string, string>>;
  readonly caller: Caller;
  readonly bindings: Bindings;
  readonly services: Services;
}

/** What a handler gets: parsed, and allowed. */
export interface Context<Q, B> extends Call {
  readonly query: Q;
  readonly body: B;
  /** What this call was allowed as. */
  readonly verb: Verb;
  param(name: string): string;
}

interface Described {
  readonly method: 'GET' | 'POST';
  /** Hono's form: `/api/v1/people/:ref/role`. */
  readonly path: string;
  readonly summary: string;
  readonly response?: z.ZodType;
  /** Status of a plain answer; 200 otherwise. */
  readonly status?: number;
  /** A body as somebody would send it. */
  readonly example?: unknown;
  /** What else a caller has to know, in a sentence or two. */
  readonly note?: string;
  /** Headers that a call carries beside its credentials, and headers that an answer carries: what each is. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly answerHeaders?: Readonly<Record<string, string>>;
  /** Media types of an answer that is no JSON of ours. */
  readonly answerTypes?: readonly string[];
  /** Fields of the query that may stand in it several times; they are parsed as lists. */
  readonly several?: readonly string[];
  /** True where the body is a form: OAuth's (RFC 6749 3.2). `several` names its repeatable fields then. */
  readonly isForm?: boolean;
  /** True for pages: people arrive with whatever a link carried. */
  readonly anyQuery?: boolean;
}

export interface Route extends Described {
  /** Every verb a call of this route may turn out to be. */
  readonly verbs: readonly Verb[];
  readonly query?: z.ZodType;
  readonly body?: z.ZodType;
  answer(call: Call): Promise<Response>;
}

type Handler<Q, B> = (context: Context<Q, B>) => Promise<unknown> | unknown;

interface Spec<Q extends z.ZodType, B extends z.ZodType> extends Described {
  /** The verb, or the verbs that a body, and what it names, decide between. */
  readonly verb:
    | Verb
    | {
        readonly of: readonly Verb[];
        by(
          body: z.output<B>,
          call: Pick<Context<unknown, unknown>, 'services' | 'param' | 'caller'>,
        ): Verb | Promise<Verb>;
      };
  readonly query?: Q;
  readonly body?: B;
  readonly handle: Handler<z.output<Q>, z.output<B>>;
}

/** A handler's plain value becomes JSON; a Response goes out as it is. */
export function route<Q extends z.ZodType, B extends z.ZodType>(spec: Spec<Q, B>): Route {
  const { verb, handle, query, body, ...described } = spec;
  const verbs = typeof verb === 'string' ? [verb] : verb.of;
  const read = (request: Request) =>
    described.isForm === true ? readFormBody(request, described.several) : readJsonBody(request);
  return {
    ...described,
    verbs,
    ...(query === undefined ? {} : { query }),
    ...(body === undefined ? {} : { body }),
    async answer(call) {
      // Who may do none of it gets no body read (H63) and learns nothing of its form.
      let asked = await refuseUnlessAny(verbs, call);
      const parsed = {
        query: parse(
          query,
          described.anyQuery === true ? {} : readQuery(call.url, described.several),
          'the query',
        ),
        body: parse(body, body === undefined ? {} : await read(call.request), 'the body'),
      };
      const param = (name: string): string => {
        const value = call.params[name];
        if (value === undefined) throw new Problem('internal', { detail: `the route has no ${name}` });
        return value;
      };
      let meant = verbs[0];
      if (typeof verb !== 'string') {
        const { services, caller } = call;
        meant = await verb.by(parsed.body, { services, param, caller });
        // Only a verb the table of routes shows may be asked for.
        if (!verb.of.includes(meant))
          throw new Problem('internal', { detail: 'a verb that the route has not' });
        asked = await refuseUnlessAny([meant], call);
      }
      if (meant === undefined) throw new Problem('internal', { detail: 'a route without a verb' });
      // As late as can be: a call that is malformed, or that needs no proof, spends none.
      const caller = asked === 'require' ? await prove(meant, call) : call.caller;
      const answer = await handle({ ...call, ...parsed, caller, verb: meant, param });
      return answer instanceof Response ? answer : jsonAnswer(answer, described.status ?? 200);
    },
  };
}

/** @returns 'require' when a proof is asked for, and one came along. */
async function refuseUnlessAny(verbs: readonly Verb[], call: Call): Promise<'allow' | 'require'> {
  const { caller, services, request } = call;
  const house = { ...(await factsFor(verbs, services)), freshFactor: false };
  const outcomes = verbs.map((verb) => ({ verb, outcome: authorise(caller, verb, house) }));
  if (outcomes.some(({ outcome }) => outcome.outcome === 'allow')) return 'allow';
  const required = outcomes.find(({ outcome }) => outcome.outcome === 'require');
  if (required !== undefined) {
    if (givenProof(request).factor !== null) return 'require';
    await prove(required.verb, call);
  }
  const [first] = outcomes;
  if (first === undefined) throw new Problem('internal', { detail: 'a route without a verb' });
  const reason = first.outcome.outcome === 'deny' ? first.outcome.reason : 'auth_factor_required';
  await services.denied(caller, first.verb, reason);
  throw missingScopes(caller, verbs) ?? refusal(reason);
}

/** Asks the house no more than these verbs need. */
async function factsFor(
  verbs: readonly Verb[],
  services: Services,
): Promise<{ readonly owned: boolean; readonly ownerHasFactor: boolean }> {
  const cells = new Set(verbs.flatMap((verb) => Object.values(VERBS[verb])));
  return {
    owned: cells.has('unowned') ? await services.claim.isOwned() : false,
    ownerHasFactor: cells.has('until_factor') ? await services.stepUp.ownerHasFactor() : false,
  };
}

/** Spends the proof that came along, and asks the table again. @returns the caller, as proven. */
async function prove(verb: Verb, { caller, services, request }: Call): Promise<Caller> {
  try {
    const proven = await services.stepUp.prove(caller, givenProof(request));
    const house = { ...(await factsFor([verb], services)), freshFactor: true };
    if (authorise(proven, verb, house).outcome === 'allow') return proven;
  } catch (cause) {
    if (Problem.codeOf(cause) === 'auth_factor_required')
      await services.denied(caller, verb, 'auth_factor_required');
    throw cause;
  }
  throw new Problem('auth_forbidden');
}

export function givenProof({ headers }: Request): ProofGiven {
  return { factor: headers.get('x-countersign-factor'), as: named(headers.get('x-countersign-as')) };
}

/** Headers are Latin-1 and people are not: a name travels percent-encoded. */
function named(as: string | null): string | null {
  try {
    return as === null ? null : decodeURIComponent(as);
  } catch {
    throw new Problem('request_malformed', { detail: 'x-countersign-as is not percent-encoded UTF-8' });
  }
}

function refusal(reason: string): Problem {
  switch (reason) {
    case 'already_owned':
      return new Problem('already_owned');
    case 'auth_factor_required':
      return new Problem('auth_factor_required');
    case 'auth_required':
      return new Problem('auth_required');
    default:
      return new Problem('auth_forbidden');
  }
}

/** A field given twice is refused where it is no list: two readers would take different ones. */
function readQuery(url: URL, several: readonly string[] = []): Record<string, string | string[]> {
  const query: Record<string, string | string[]> = Object.create(null);
  for (const [name, value] of url.searchParams) {
    if (several.includes(name)) query[name] = url.searchParams.getAll(name);
    else if (name in query)
      throw new Problem('request_malformed', { detail: 'the query holds a field twice' });
    else query[name] = value;
  }
  return { ...query };
}

/** @throws Problem `request_malformed` naming the fields, never their values. */
function parse<T extends z.ZodType>(
  schema: T | undefined,
  value: Record<string, unknown>,
  what: string,
): z.output<T> {
  const fields = Object.keys(value);
  if (schema === undefined) {
    if (fields.length > 0) throw new Problem('request_malformed', { detail: `${what} takes no fields here` });
    return undefined as z.output<T>;
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const mistakes = parsed.error.issues
    .flatMap(mistakesOf)
    .slice(0, 20)
    .map((issue) => ({ path: issue.path.map(String).join('.'), message: saidOf(issue) }));
  const [first] = mistakes;
  const detail =
    first === undefined
      ? `${what} does not fit`
      : `${what}: ${first.path === '' ? '' : `${first.path}: `}${first.message}`;
  throw new Problem('request_malformed', { detail, members: { mistakes } });
}

/** Of several forms the one that was most likely meant: of its kind, and with the least that does not fit. */
function mistakesOf(issue: z.core.$ZodIssue): z.core.$ZodIssue[] {
  if (issue.code !== 'invalid_union') return [issue];
  const forms = issue.errors.map((inner) => {
    const mistakes = inner.flatMap(mistakesOf);
    const isOther = mistakes.some(({ code, path }) => code === 'invalid_value' && path.at(-1) === 'kind');
    const count = mistakes.reduce(
      (sum, one) => sum + (one.code === 'unrecognized_keys' ? one.keys.length : 1),
      0,
    );
    return { mistakes, weight: count + (isOther ? 1_000 : 0) };
  });
  const [meant] = forms.toSorted((a, b) => a.weight - b.weight);
  if (meant === undefined) return [issue];
  return meant.mistakes.map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] }));
}

/** In plain words, where the schema has none of its own. */
function saidOf(issue: z.core.$ZodIssue): string {
  if (issue.code === 'unrecognized_keys') return `unknown: ${issue.keys.map(shown).join(', ')}`;
  const isText = (issue.code === 'too_small' || issue.code === 'too_big') && issue.origin === 'string';
  if (!isText || !/^Too (small|big)/.test(issue.message)) return issue.message;
  if (issue.code === 'too_big') return `longer than ${issue.maximum} characters`;
  return Number(issue.minimum) === 1 ? 'it is empty' : `shorter than ${issue.minimum} characters`;
}

/** A key is a stranger's text too. */
function shown(key: string): string {
  return /^[\w.-]{1,40}$/.test(key) ? key : '(a key)';
}
