// The sections beside the channels: the listener, the agent, the proxy, sessions, bearers, login, approvals, keys.
import { isAbsolute } from 'node:path';
import { z } from 'zod';
import { duration } from './durations.ts';
import { ACCOUNT, CHANNEL_NAMES, peopleList } from './native-ids.ts';
import { secret } from './secret.ts';
import { listenAddress, publicOrigin, serviceUrl, trustedProxy } from './urls.ts';

export const MAX_SOCKET_PATH = 100;

const socketPath = z
  .string()
  .refine(isAbsolute, { error: 'a socket is named by an absolute path' })
  .refine((path) => Buffer.byteLength(path) <= MAX_SOCKET_PATH, {
    error: `the path of a socket has at most ${MAX_SOCKET_PATH} bytes`,
  });

export const gatewaySchema = z
  .strictObject({
    listen: listenAddress,
    port: z.int().min(0).max(65_535).default(8787).describe('The port, 1 to 65535; 0 takes any free one.'),
    publicUrl: publicOrigin('The https address people open, when there is one.'),
    chatUrl: publicOrigin('The address of the chat page alone, when it has one of its own.'),
    trustedProxies: z
      .array(trustedProxy)
      .max(64)
      .default([])
      .describe('Addresses and networks of proxies whose forwarded headers are believed.'),
    agentGroup: z
      .string()
      .regex(/^(?:[a-z_][a-z0-9_-]{0,31}|\d{1,9})$/, { error: 'this is not the name of a group' })
      .nullable()
      .default(null)
      .describe('The group that may reach the agent socket, for agents under a user of their own.'),
    agentSocket: socketPath
      .nullable()
      .default(null)
      .describe(`Another place for the agent socket: an absolute path of at most ${MAX_SOCKET_PATH} bytes.`),
  })
  .prefault({})
  .describe('Where the gateway listens and how people reach it.');

// Headers that carry a meaning of their own on the way to the agent.
const TAKEN =
  /^(host|cookie|connection|content-.*|transfer-encoding|traceparent|x-countersign-(session|turn)|x-client-request-id)$/;

const bearerHeader = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9-]{0,63}$/, { error: 'this is not the name of a header' })
  .toLowerCase()
  .refine((name) => !TAKEN.test(name), { error: 'this header has another use' })
  .default('x-countersign-bearer')
  .describe('The header that carries the bearer to the agent.');

const audienceName = z.string().regex(/^[^\s\p{C}]{1,256}$/u, { error: 'an audience is one word' });

export const agentSchema = z
  .strictObject({
    id: z
      .string()
      .regex(ACCOUNT, { error: 'an agent is named in lower case letters, digits, - and _' })
      .default('main')
      .describe('The name of the agent in session keys.'),
    kind: z
      .enum(['echo', 'openai'])
      .optional()
      .describe(
        '"echo" answers with what was said; "openai" asks agent.url. Left out: openai once there is a url.',
      ),
    url: serviceUrl().nullable().default(null).describe('The base of an OpenAI-compatible interface.'),
    model: z.string().min(1).max(256).default('default').describe('The model to ask for.'),
    apiKey: secret('The key the agent asks for.'),
    audience: audienceName.nullable().default(null).describe('The audience of bearers sent to the agent.'),
    bearerHeader,
    timeout: duration('2m', '1s', '1h', 'How long the agent may stay silent.'),
    history: z
      .strictObject({
        messages: z.int().min(0).max(1_000).default(40).describe('Earlier messages sent along, 0 to 1000.'),
        bytes: z
          .int()
          .min(0)
          .max(1_048_576)
          .default(65_536)
          .meta({ description: 'And their bytes at most, 0 to 1048576.', 'x-unit': 'bytes' }),
      })
      .prefault({})
      .describe('What the agent is told of the conversation so far; kept sealed.'),
    waiting: z
      .strictObject({
        max: z.int().min(0).max(1_000).default(20).describe('Messages a session keeps waiting, 0 to 1000.'),
        maxAge: duration('1h', '1s', '7d', 'How long a message waits for the agent.'),
      })
      .prefault({})
      .describe('Messages that wait while the agent is busy or away.'),
  })
  .prefault({})
  .describe('Where admitted messages go.');

export const proxySchema = z
  .strictObject({
    upstream: serviceUrl().describe('The base of the interface behind /v1.'),
    apiKey: secret('The key the upstream asks for.'),
    audience: audienceName.nullable().default(null).describe('The audience of bearers sent upstream.'),
    timeout: duration('10m', '1s', '1h', 'How long the upstream may stay silent.'),
    stripHeaders: z
      .array(
        z
          .string()
          .regex(/^[A-Za-z][A-Za-z0-9-]{0,63}$/, { error: 'this is not the name of a header' })
          .toLowerCase(),
      )
      .max(64)
      .default([])
      .describe('More headers by which callers say who somebody is; they are not passed on.'),
    scrub: z
      .strictObject({
        mode: z
          .enum(['off', 'mark', 'remove'])
          .default('off')
          .describe('What happens to "user_id: 42" in what people wrote. Tidiness, not security.'),
        markers: z
          .array(z.string().min(2).max(64))
          .max(64)
          .default([])
          .describe('More words beside whatsapp_phone, user_id, tenant and manager.'),
      })
      .prefault({})
      .describe('Text that imitates identity markers.'),
    limits: z
      .strictObject({
        concurrent: z.int().min(1).max(10_000).default(1_000).describe('Calls of one session open at once.'),
        perMinute: z.int().min(1).max(1_000_000).default(6_000).describe('Calls of one session in a minute.'),
      })
      .prefault({})
      .describe('How much one session may ask for.'),
    verifyLink: z
      .boolean()
      .default(false)
      .describe(
        'Whether a call without an identity is told where the person who typed a phone number can begin.',
      ),
  })
  .nullable()
  .prefault(null)
  .describe('The OpenAI-compatible proxy below an agent; null when there is none.');

export const sessionSchema = z
  .strictObject({
    dmScope: z
      .enum(['main', 'per-peer', 'per-channel-peer', 'per-account-channel-peer'])
      .default('per-account-channel-peer')
      .describe('What a direct chat shares a session with.'),
    scope: z
      .enum(['per-sender'])
      .default('per-sender')
      .describe('In groups each sender has a binding of their own.'),
    allowShared: z
      .boolean()
      .default(false)
      .describe('Whether several people may share a session, without a bearer.'),
  })
  .prefault({})
  .describe('How conversations become sessions.');

const algorithm = z.enum(['EdDSA', 'HS256']);

const origin = z.string().refine((text) => URL.canParse(text) && new URL(text).origin === text, {
  error: 'an origin is scheme, host and port: "https://tools.example"',
});

export const bearerSchema = z
  .strictObject({
    ttl: duration('5m', '30s', '15m', 'How long a bearer lives.'),
    alg: algorithm.default('EdDSA').describe('How bearers are signed.'),
    idle: duration(
      '7d',
      '1m',
      '90d',
      'Nobody wrote in a session for so long: it gives no bearers until somebody does.',
    ),
    audiences: z
      .record(
        audienceName,
        z.strictObject({
          origins: z
            .array(origin)
            .max(64)
            .default([])
            .describe('Origins that bearers of this audience are sent to.'),
          alg: algorithm
            .optional()
            .describe('How bearers of this audience are signed, where that is another way.'),
          secret: secret('For HS256: what the backend verifies with, 32 bytes at least.'),
        }),
      )
      .prefault({})
      .describe('Who bearers are made for.'),
  })
  .prefault({})
  .describe('The token that says on whose behalf the agent acts.');

export const usersSchema = z
  .strictObject({
    kind: z
      .enum(['store', 'http'])
      .default('store')
      .describe('"store": people are mapped here; "http": users.url is asked who somebody is.'),
    url: serviceUrl().nullable().default(null).describe('The address that is asked, by POST.'),
    apiKey: secret('What the directory asks for, as Authorization: Bearer.'),
    timeout: duration('3s', '1s', '30s', 'How long the directory may take.'),
    cacheTtl: duration('1m', '1s', '1h', 'How long its answer counts.'),
    required: z
      .boolean()
      .default(false)
      .describe(
        'Whether somebody who is no user of your tools gets no bearer, instead of one with their own id.',
      ),
    claims: z
      .record(
        z.string().regex(/^[A-Za-z][A-Za-z0-9_.:/-]{0,63}$/, { error: 'this is not the name of a claim' }),
        z.string().min(1).max(64),
      )
      .default({})
      .describe('Claims of the bearer, each with the attribute of the user that it says.'),
  })
  .prefault({})
  .describe('Who people are to your tools.');

export const loginSchema = z
  .strictObject({
    chatCode: z
      .enum(['on', 'off'])
      .default('on')
      .describe('Whether a browser may be paired by a code sent to a chat.'),
    codeTtl: duration('60s', '1s', '10m', 'How long a login code lives.'),
    codeDigits: z.int().min(6).max(8).default(6).describe('Digits of a login code, 6 to 8.'),
    maxAttempts: z.int().min(1).max(5).default(5).describe('Wrong codes a request bears, 1 to 5.'),
    maxOpen: z.int().min(1).max(10).default(3).describe('Login requests open at once, 1 to 10.'),
    maxPerHour: z.int().min(1).max(10).default(5).describe('Codes sent in an hour, 1 to 10.'),
    deliverTo: z
      .array(z.enum(CHANNEL_NAMES))
      .max(16)
      .default([])
      .describe(
        'Channels to send codes through, in this order. Empty: every owner chat that can be written to.',
      ),
    allowCarrier: z
      .boolean()
      .default(false)
      .describe(
        'Whether codes may go by SMS. Whoever moves the number to a SIM of their own then signs in as its owner.',
      ),
  })
  .prefault({})
  .describe('Pairing a browser by a code in a chat.');

export const approvalsSchema = z
  .strictObject({
    approvers: peopleList('Who decides.'),
    notify: peopleList('Who is told. Empty: every owner chat that can be written to.'),
    timeout: duration('10m', '10s', '24h', 'Silence for so long is a no.'),
    keepOutput: z
      .boolean()
      .default(false)
      .describe('Keep the end of what commands print (64 KiB, sealed), for those who decide.'),
  })
  .prefault({})
  .describe('Who is asked before something runs.');

const COMMAND = 'A program that prints the storage key, as a list of words or a line; no shell reads it.';

export const keysSchema = z
  .union(
    [
      z.strictObject({
        file: z.string().min(1).describe('A file with the storage key: 32 bytes, hex or base64.'),
      }),
      z.strictObject({
        command: z
          .union([z.string().min(1).max(4_096), z.array(z.string().max(4_096)).min(1).max(64)])
          .describe(COMMAND),
      }),
    ],
    { error: 'keys are { "file": "PATH" } or { "command": [...] }' },
  )
  .nullable()
  .default(null)
  .describe('Where the storage key comes from, when it is not kept in keys/.');
