// One route: parse → authorise → one service → print, in that order and in one place. A handler cannot be reached but
// through `answer`, so none runs without `authorise`.
import { Problem } from '@countersign/protocol/problem';
import type { z } from 'zod';
import { authorise, type Caller, VERBS, type Verb } from '../core/authorise.ts';
import { jsonAnswer } from './answers.ts';
import { readJsonBody } from './body.ts';
import type { Bindings } from './door.ts';
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
  /** The verb, or the verbs a body decides between. */
  readonly verb: Verb | { readonly of: readonly Verb[]; by(body: z.output<B>): Verb };
  readonly query?: Q;
  readonly body?: B;
  readonly handle: Handler<z.output<Q>, z.output<B>>;
}

/** A handler's plain value becomes JSON; a Response goes out as it is. */
export function route<Q extends z.ZodType, B extends z.ZodType>(spec: Spec<Q, B>): Route {
  const { verb, handle, query, body, ...described } = spec;
  const verbs = typeof verb === 'string' ? [verb] : verb.of;
  return {
    ...described,
    verbs,
    ...(query === undefined ? {} : { query }),
    ...(body === undefined ? {} : { body }),
    async answer(call) {
      // Who may do none of it gets no body read (H63) and learns nothing of its form.
      await refuseUnlessAny(verbs, call);
      const parsed = {
        query: parse(query, described.anyQuery === true ? {} : readQuery(call.url), 'the query'),
        body: parse(body, body === undefined ? {} : await readJsonBody(call.request), 'the body'),
      };
      if (typeof verb !== 'string') await refuseUnlessAny([verb.by(parsed.body)], call);
      const param = (name: string): string => {
        const value = call.params[name];
        if (value === undefined) throw new Problem('internal', { detail: `the route has no ${name}` });
        return value;
      };
      const answer = await handle({ ...call, ...parsed, param });
      return answer instanceof Response ? answer : jsonAnswer(answer, described.status ?? 200);
    },
  };
}

async function refuseUnlessAny(verbs: readonly Verb[], { caller, services }: Call): Promise<void> {
  const asksOwner = verbs.some((verb) => Object.values(VERBS[verb]).some((cell) => cell === 'unowned'));
  const owned = asksOwner ? await services.claim.isOwned() : false;
  const house = { owned, ownerHasFactor: false, freshFactor: false };
  const outcomes = verbs.map((verb) => ({ verb, outcome: authorise(caller, verb, house) }));
  if (outcomes.some(({ outcome }) => outcome.outcome === 'allow')) return;
  const [first] = outcomes;
  if (first === undefined) throw new Problem('internal', { detail: 'a route without a verb' });
  const { verb, outcome } = first;
  const reason = outcome.outcome === 'deny' ? outcome.reason : 'auth_factor_required';
  await services.denied(caller, verb, reason);
  throw refusal(reason);
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

/** A field given twice is refused: two readers would take different ones. */
function readQuery(url: URL): Record<string, string> {
  const query: Record<string, string> = Object.create(null);
  for (const [name, value] of url.searchParams) {
    if (name in query) throw new Problem('request_malformed', { detail: 'the query holds a field twice' });
    query[name] = value;
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
  const mistakes = parsed.error.issues.slice(0, 20).map((issue) => ({
    path: issue.path.map(String).join('.'),
    message:
      issue.code === 'unrecognized_keys' ? `unknown: ${issue.keys.map(shown).join(', ')}` : issue.message,
  }));
  const [first] = mistakes;
  const detail =
    first === undefined
      ? `${what} does not fit`
      : `${what}: ${first.path === '' ? '' : `${first.path}: `}${first.message}`;
  throw new Problem('request_malformed', { detail, members: { mistakes } });
}

/** A key is a stranger's text too. */
function shown(key: string): string {
  return /^[\w.-]{1,40}$/.test(key) ? key : '(a key)';
}
