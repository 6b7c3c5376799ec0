// THE error table. A denial is a value; what throws is a broken contract or a broken world, and it is a Problem with a
// code from this table. Server, CLI, client and docs/errors.md follow from the row, so a new code is one line.

interface ProblemRow {
  /** HTTP status. */
  readonly status: number;
  /** Exit code of the CLI. */
  readonly exit: number;
  /** True when the same call may succeed later without any change by the caller. */
  readonly retryable: boolean;
  /** False: outside this process only the code and an event id are shown, never the detail. */
  readonly exposed: boolean;
  readonly title: string;
  /** What to do about it, when the thrower knows nothing better. */
  readonly hint?: string;
}

const row = (
  status: number,
  exit: number,
  title: string,
  hint?: string,
  more: { retryable?: boolean; exposed?: boolean } = {},
): ProblemRow => ({
  status,
  exit,
  retryable: more.retryable ?? false,
  exposed: more.exposed ?? true,
  title,
  ...(hint === undefined ? {} : { hint }),
});

export const PROBLEMS = {
  request_malformed: row(400, 2, 'The request is not of the form this route takes', 'see /openapi.json'),
  request_too_large: row(413, 2, 'The request is larger than this route takes'),
  request_unsupported: row(405, 2, 'There is nothing here that takes this method', 'see /openapi.json'),
  request_misdirected: row(
    421,
    2,
    'This gateway does not answer to that host name',
    'use http://localhost:8787, or set gateway.publicUrl to the address people use',
  ),
  usage: row(400, 2, 'The command is not one this program knows', 'countersign --help lists every command'),
  unknown_channel: row(400, 2, 'There is no channel of that name', 'countersign channels list names them'),
  auth_required: row(401, 11, 'This needs a caller, and none was proven'),
  auth_proof_invalid: row(401, 11, 'The proof does not fit the key, the nonce or the time', 'connect again'),
  auth_forbidden: row(403, 11, 'This caller may not do that'),
  auth_origin_forbidden: row(403, 11, 'A page of another origin may not do that'),
  pairing_required: row(
    403,
    11,
    'This device is not paired for what it asks',
    'an owner approves it: countersign devices list',
  ),
  setup_code_used: row(
    409,
    13,
    'That setup code was used by another device already',
    'countersign devices list shows what came of it; countersign pair makes a new one',
  ),
  use_dpop_nonce: row(
    401,
    11,
    'The proof needs a fresh nonce',
    'sign again with the nonce of the DPoP-Nonce header',
    {
      retryable: true,
    },
  ),
  auth_factor_required: row(403, 11, 'This needs a fresh proof by an owner', 'enrol or use a factor'),
  bearer_invalid: row(
    401,
    11,
    'The bearer is not good here',
    'ask for a fresh one: it lives a few minutes, for one audience',
  ),
  bearer_forbidden: row(403, 11, 'The bearer is of somebody else, or allows too little'),
  challenge_failed: row(401, 11, 'That did not work', 'ask for a new one and try again'),
  rate_limited: row(429, 12, 'Too many, too fast', 'wait and try again', { retryable: true }),
  not_found: row(404, 13, 'There is nothing of that name'),
  ambiguous: row(409, 13, 'That beginning fits more than one', 'give more characters'),
  already_decided: row(409, 13, 'That has been decided already'),
  already_owned: row(409, 13, 'This gateway has an owner already', 'countersign people list names the owner'),
  too_soon: row(409, 13, 'That came sooner than anybody reads', 'look at it, and say it again', {
    retryable: true,
  }),
  expired: row(410, 13, 'That has expired', 'ask for a new one'),
  wrong_channel: row(409, 13, 'That belongs to another channel'),
  wrong_account: row(409, 13, 'That belongs to another account of the channel', 'name it with --account'),
  state_conflict: row(409, 13, 'The thing is not in a state that allows this'),
  policy_denied: row(403, 14, 'Policy or a person said no'),
  grant_invalid: row(403, 14, 'That is no grant of this gateway'),
  grant_expired: row(403, 14, 'The grant has run out', 'ask again: a yes holds for two minutes'),
  grant_redeemed: row(403, 14, 'The grant was spent already', 'ask again: each yes runs once'),
  grant_digest_mismatch: row(403, 14, 'The grant is for something else', 'ask again for what is there now'),
  grant_wrong_host: row(403, 14, 'The grant is for another machine'),
  receipt_invalid: row(403, 14, 'The receipt does not verify', 'ask for it again where it came from'),
  receipt_untrusted: row(
    403,
    11,
    'The receipt is whole, and nothing says who wrote it',
    'give the keys you trust, kept from /.well-known/jwks.json of the gateway: --keys jwks.json',
  ),
  channel_signature_invalid: row(401, 15, 'The signature of the delivery does not fit'),
  channel_unreachable: row(502, 15, 'The channel did not answer', undefined, { retryable: true }),
  channel_refused: row(502, 15, 'The channel refused the message'),
  channel_cannot_initiate: row(409, 15, 'The channel cannot write first to that person'),
  agent_unreachable: row(502, 15, 'The agent did not answer', 'is it running? see agent.url', {
    retryable: true,
  }),
  agent_malformed: row(502, 15, 'The agent answered something that is not a completion'),
  identity_required: row(401, 11, 'Nobody can be named for this call', 'the reason says what to change'),
  identity_unavailable: row(503, 16, 'Who this is cannot be looked up right now', undefined, {
    retryable: true,
  }),
  upstream_unreachable: row(502, 15, 'The upstream did not answer', 'is it running? see proxy.upstream', {
    retryable: true,
  }),
  upstream_timeout: row(504, 15, 'The upstream did not answer in time', 'see proxy.timeout', {
    retryable: true,
  }),
  config_invalid: row(422, 10, 'The configuration has mistakes', 'countersign config validate lists them'),
  store_schema_newer: row(
    503,
    16,
    'The store was written by a newer version',
    'run that version, or restore a backup',
  ),
  store_unavailable: row(503, 16, 'The store cannot be used', 'countersign doctor', { retryable: true }),
  store_full: row(507, 16, 'The store has no room left', 'free disk space; nothing was half-written', {
    retryable: true,
  }),
  gateway_busy: row(409, 16, 'Another gateway holds this home', 'countersign gateway status'),
  gateway_port_taken: row(409, 16, 'The port is taken', 'set COUNTERSIGN_PORT or gateway.port'),
  gateway_down: row(503, 16, 'No gateway runs on this home', 'countersign gateway start', {
    retryable: true,
  }),
  gateway_timeout: row(
    504,
    16,
    'The gateway did not answer in time',
    'it may be busy: countersign gateway status',
    {
      retryable: true,
    },
  ),
  gateway_stopping: row(503, 16, 'The gateway is stopping', 'try again in a moment', { retryable: true }),
  audit_broken: row(500, 17, 'The audit chain does not verify', 'countersign audit verify tells where'),
  internal: row(500, 1, 'Something broke inside', 'the event id finds it in the log', { exposed: false }),
} as const satisfies Record<string, ProblemRow>;

export type ProblemCode = keyof typeof PROBLEMS;

export function isProblemCode(code: string): code is ProblemCode {
  return Object.hasOwn(PROBLEMS, code);
}

interface ProblemOptions {
  /** What happened here, one sentence. Never a secret, a code, or message text. */
  readonly detail?: string;
  /** What to do; the row's hint otherwise. */
  readonly hint?: string;
  /** Further members of the wire form, e.g. `mistakes`, `retryAfter`. */
  readonly members?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

/** RFC 9457 wire form of a problem. */
export interface ProblemDocument {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: ProblemCode;
  readonly detail?: string;
  readonly hint?: string;
  readonly [member: string]: unknown;
}

/** The one error class of Countersign. Wrap what went wrong below with `cause`. */
export class Problem extends Error {
  readonly code: ProblemCode;
  readonly hint: string | undefined;
  readonly members: Readonly<Record<string, unknown>>;

  constructor(code: ProblemCode, options: ProblemOptions = {}) {
    super(
      options.detail ?? PROBLEMS[code].title,
      options.cause === undefined ? {} : { cause: options.cause },
    );
    this.name = 'Problem';
    this.code = code;
    this.hint = options.hint ?? rowOf(code).hint;
    this.members = options.members ?? {};
  }

  get status(): number {
    return PROBLEMS[this.code].status;
  }

  get exit(): number {
    return PROBLEMS[this.code].exit;
  }

  get retryable(): boolean {
    return PROBLEMS[this.code].retryable;
  }

  /** The RFC 9457 document. Rows that are not exposed lose their detail here: outside, only the event id counts. */
  toJSON(): ProblemDocument {
    const { title, status, exposed } = rowOf(this.code);
    const shown = exposed && this.message !== title ? { detail: this.message } : {};
    const hint = this.hint === undefined ? {} : { hint: this.hint };
    return {
      ...this.members,
      type: `/docs/errors#${this.code}`,
      title,
      status,
      code: this.code,
      ...shown,
      ...hint,
    };
  }

  /** The code of anything thrown: `internal` for what is no Problem. For logs, which take no messages. */
  static codeOf(cause: unknown): ProblemCode {
    return cause instanceof Problem ? cause.code : 'internal';
  }

  /** Reads a document off the wire; an unknown code becomes `internal`, so that a newer server still makes sense. */
  static fromDocument(document: unknown): Problem {
    const { type, title, status, code, detail, hint, ...members } = asRecord(document);
    const known = typeof code === 'string' && isProblemCode(code) ? code : 'internal';
    return new Problem(known, {
      detail: text(detail) ?? text(title) ?? 'the answer was not a problem document',
      ...(typeof hint === 'string' ? { hint } : {}),
      members,
    });
  }
}

function rowOf(code: ProblemCode): ProblemRow {
  return PROBLEMS[code];
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
