// A suite that has never been seen to fail proves nothing: channels with one thing wrong each, and the sentence that must
// say so. The channel they are made from passes everything.
import { Problem } from '@countersign/protocol/problem';
import { describe, expect, test } from 'vitest';
import type { Channel, Inbox } from '../core/channel-port.ts';
import { type Native, parseNative } from '../core/identity/peer.ts';
import type { Inbound } from '../core/message.ts';
import type { ChannelBench, ChannelHarness } from './channel/harness.ts';
import { buttonsHarness } from './channel/loopback.ts';
import { channelConformance } from './channel-conformance.ts';

/** Runs the suite and gives the names of the tests that failed. */
async function failures(harness: ChannelHarness): Promise<string[]> {
  const tests: { readonly name: string; readonly body: () => void | Promise<void> }[] = [];
  const path: string[] = [];
  channelConformance(harness, {
    describe: (name, body) => {
      path.push(name);
      body();
      path.pop();
    },
    test: (name, body) => void tests.push({ name: [...path, name].join(' > '), body }),
  });
  const failed: string[] = [];
  for (const { name, body } of tests) {
    // A wrong channel may also be one that never answers.
    let late: NodeJS.Timeout | undefined;
    const limit = new Promise<never>((_, reject) => {
      late = setTimeout(() => reject(new Error('never ended')), 20_000);
    });
    await Promise.race([Promise.resolve().then(body), limit]).catch(() => failed.push(name));
    clearTimeout(late);
  }
  return failed;
}

type Methods = { readonly [K in 'send' | 'edit' | 'remove' | 'answer' | 'status']: Channel[K] | undefined };

interface Flaw {
  readonly inbox?: (inbox: Inbox) => Inbox;
  readonly channel?: (right: ChannelBench['channel']) => Partial<Methods>;
  readonly harness?: Partial<ChannelHarness>;
  readonly deafToStop?: true;
}

/** The right channel with one thing wrong. */
function broken({ inbox, channel, harness, deafToStop }: Flaw): ChannelHarness {
  return {
    ...buttonsHarness,
    ...harness,
    open: async (ports) => {
      const bench = await buttonsHarness.open(ports);
      const right = bench.channel;
      const wrong = channel?.(right) ?? {};
      const start = right.start.bind(right);
      right.start = (given, signal) =>
        start(inbox?.(given) ?? given, deafToStop === true ? new AbortController().signal : signal);
      const kept = {
        send: right.send.bind(right),
        edit: right.edit?.bind(right),
        remove: right.remove?.bind(right),
        answer: right.answer?.bind(right),
        status: right.status.bind(right),
      };
      Object.assign(right, { ...kept, ...wrong });
      return bench;
    },
  };
}

const reading = (change: (inbound: Inbound) => Partial<Inbound>): Flaw => ({
  inbox: (inbox) => ({ receive: (inbound) => inbox.receive({ ...inbound, ...change(inbound) }) }),
});

function native(text: string | null): Native {
  return parseNative(text ?? '', /^.+$/s) ?? parseNative('unknown', /^.+$/) ?? raise();
}

function raise(): never {
  throw new Error('that was an id');
}

let count = 0;

const FLAWS: Readonly<Record<string, readonly [Flaw, string]>> = {
  'takes the sender from the display name': [
    reading(({ peer, displayName }) => ({ peer: { ...peer, native: native(displayName) } })),
    'H02 H12',
  ],
  'takes the sender from the text': [
    reading(({ peer, text }) =>
      text.includes('owner') ? { peer: { ...peer, native: native('owner') } } : {},
    ),
    'H02 H12',
  ],
  'forgets the account': [reading(({ peer }) => ({ peer: { ...peer, account: 'default' } })), 'H04'],
  'calls a group a direct chat': [
    reading(({ conversation }) => ({ conversation: { ...conversation, kind: 'direct' } })),
    'H06 H11',
  ],
  'uses the person as the id of the group': [
    reading(({ conversation, peer }) => ({ conversation: { ...conversation, id: peer.native } })),
    'H06 H11',
  ],
  'hears its name everywhere': [reading(() => ({ mentioned: true })), 'H06 H11'],
  'takes an edit for a message': [
    reading(({ kind }) => (kind === 'edit' ? { kind: 'text' } : {})),
    'changes what they had written',
  ],
  'takes bots for people': [
    reading(({ actor }) => (actor === 'bot' ? { actor: 'human' } : {})),
    'another bot',
  ],
  'takes its own words for a person': [
    reading(({ actor }) => (actor === 'self' ? { actor: 'human' } : {})),
    'what we ourselves wrote',
  ],
  'takes an anonymous admin for a person': [
    reading(({ actor }) => (actor === 'anonymous' ? { actor: 'human' } : {})),
    'behind the name',
  ],
  'forgets what was forwarded': [reading(() => ({ forwarded: false })), 'forwards'],
  'forgets what was quoted': [reading(() => ({ quoted: false })), 'begins inside a quotation'],
  'takes a backlog for live': [reading(() => ({ arrived: 'live' })), 'waited at the platform'],
  'makes up a new id at each delivery': [
    reading(() => {
      count += 1;
      return { messageId: `made-up-${count}` };
    }),
    'delivers it again',
  ],
  'has one id for everything': [reading(() => ({ messageId: '1' })), 'delivers it again'],
  'counts time in seconds': [
    reading(({ sentAt }) => ({ sentAt: sentAt === null ? null : sentAt / 1_000 })),
    'nothing added',
  ],
  'believes more than it proves': [reading(() => ({ assurance: 'high' })), 'nothing added'],
  'unescapes what people write': [
    reading(({ text }) => ({ text: text.replaceAll('<b>', '') })),
    'nothing added',
  ],
  'acknowledges before it is durable': [
    {
      inbox: (inbox) => ({
        receive: (inbound) => {
          void inbox.receive(inbound).catch(() => undefined);
          return Promise.resolve({ as: 'repeated', first: 'nobody' });
        },
      }),
    },
    'no answer either',
  ],
  'swallows what the inbox could not keep': [
    {
      inbox: (inbox) => ({
        receive: (inbound) => inbox.receive(inbound).catch(() => ({ as: 'repeated', first: 'nobody' })),
      }),
    },
    'comes again',
  ],
  'goes on after abort': [{ deafToStop: true }, 'after abort'],
  'says it is connected whatever happens': [
    {
      channel: () => ({
        status: () => ({ state: 'connected', detail: null, lastInboundAt: 1, lastOutboundAt: 1 }),
      }),
    },
    'the status tells the truth',
  ],
  'cuts what is long': [
    {
      channel: (right) => {
        const send = right.send.bind(right);
        return { send: (to, message) => send(to, { ...message, text: message.text.slice(0, 1_000) }) };
      },
    },
    'longer than one message',
  ],
  'reads markup into our words': [
    {
      channel: (right) => {
        const send = right.send.bind(right);
        return { send: (to, message) => send(to, { ...message, text: message.text.replaceAll('*', '') }) };
      },
    },
    'as it was said',
  ],
  'forgets the name of what it sent': [
    {
      channel: (right) => {
        const send = right.send.bind(right);
        return { send: async (to, message) => ({ fate: (await send(to, message)).fate }) };
      },
    },
    'as it was said',
  ],
  'drops the buttons': [
    {
      channel: (right) => {
        const send = right.send.bind(right);
        return { send: (to, { buttons: _, ...message }) => send(to, message) };
      },
    },
    'stand under their words',
  ],
  'fails without a name': [
    {
      channel: (right) => {
        const send = right.send.bind(right);
        return {
          send: (to, message) =>
            send(to, message).catch((cause: unknown) => {
              throw new Error('vendor error', { cause });
            }),
        };
      },
    },
    'unreachable is channel_unreachable',
  ],
  'leaves the buttons after an edit': [
    { channel: () => ({ edit: async () => undefined }) },
    'an edit replaces the words',
  ],
  'is upset by a message that is gone': [
    {
      channel: (right) => {
        const remove = right.remove?.bind(right);
        const gone = new Set<string>();
        return {
          remove: async (to, ref) => {
            if (gone.has(ref)) throw new Problem('channel_refused');
            gone.add(ref);
            await remove?.(to, ref);
          },
        };
      },
    },
    'removing it again',
  ],
  'cannot do what it declares': [{ channel: () => ({ answer: undefined }) }, 'what they declare is'],
  'lets a group’s id fit a person': [{ harness: { groupIds: ['ana'] } }, 'H03 H05 H07'],
  'leaves out a test without a reason': [
    { harness: { lacks: { ...buttonsHarness.lacks, edit: '-' } } },
    'has no "edit"',
  ],
  'leaves out the buttons it has': [
    { harness: { lacks: { ...buttonsHarness.lacks, press: 'we would rather not' } } },
    'agrees with the traits',
  ],
};

describe('the suite sees', () => {
  test('nothing wrong where nothing is', async () => {
    expect(await failures(broken({}))).toEqual([]);
  });

  test.each(Object.entries(FLAWS))('a channel that %s', async (_, [flaw, sentence]) => {
    expect((await failures(broken(flaw))).join('\n')).toContain(sentence);
  });
});
