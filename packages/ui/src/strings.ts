// The sentences of the web chat, and the few that both pages share. Another language is another object of the same type.
import type { PersonState } from './chat/frames.ts';

interface Panel {
  readonly title: string;
  readonly text: string;
}

const english = {
  product: 'Countersign',
  notSecure: {
    title: 'This page needs a secure address',
    text: 'It proves with a key of this browser who is writing, and browsers keep such keys only at https addresses and at localhost.',
    home: (home: string) =>
      `On the machine of the gateway, open ${home}. Elsewhere, ask its owner for the https address.`,
    noHome: 'Ask the owner of the gateway for its https address.',
  },
  broken: {
    title: 'This browser could not make its key',
    text: 'Without a key nobody can tell who is writing. What it said:',
  },
  elsewhere: {
    text: 'You opened this page at an IP address. Its home is',
    reason: 'Keys of this browser belong to the address, so this one is another to the gateway.',
  },
  copied: 'Copied',
  time: {
    left: (left: string) => `Still good for ${left}`,
    leftSpoken: (seconds: number) => `Good for ${seconds} more seconds.`,
    over: 'No longer good.',
  },
  chat: {
    log: 'Conversation',
    link: {
      connecting: 'Connecting…',
      paired: 'Connected',
      online: 'Not approved',
      offline: 'Offline. Trying again…',
      refused: 'The gateway refused this page',
    },
    about: 'About this browser',
    aboutId: 'The gateway knows this browser by the id',
    aboutName: 'It was told the name',
    aboutKey: 'The key behind it stays in this browser and cannot be copied out.',
    keptInWindow:
      'This browser keeps nothing for this page: the key, and with it your access, ends when you close the window.',
    keyLost:
      'This browser has lost its earlier key, so the gateway sees somebody new. The owner has to approve it again.',
    forgotten: 'The gateway no longer knows this browser. Write again to ask for access.',
    understood: 'Understood',
    empty: {
      unknown: {
        title: 'Say hello',
        text: 'The agent’s owner does not know this browser yet. Your first message asks to be let in; it is not passed on to the agent before the owner says yes.',
      },
      paired: {
        title: 'What is on your mind?',
        text: 'You are let in. What you write here goes to the agent.',
      },
      other: { title: 'Nothing here yet', text: 'What is said will stand here.' },
    } satisfies Record<string, Panel>,
    panel: {
      unknown: null,
      paired: null,
      pending: {
        title: 'Ask the owner to let you in',
        text: 'Give them this code. Until they approve it, nothing you write reaches the agent.',
      },
      waiting: {
        title: 'The owner sees you; no code free now',
        text: 'Others are waiting with a code. There is nothing to do: the owner can also approve you by your id.',
      },
      denied: { title: 'The owner said no', text: 'What you write here is not passed on to the agent.' },
      revoked: {
        title: 'Your access was withdrawn',
        text: 'The owner ended it. What you write here is not passed on to the agent.',
      },
      expired: { title: 'The code has run out', text: 'Write again to get a new one.' },
      silent: {
        title: 'Nobody new is let in here',
        text: 'This gateway hears only people its owner has named. If you are expected, give the owner your id.',
      },
    } satisfies Record<PersonState, Panel | null>,
    code: {
      label: 'Your pairing code',
      copy: 'Copy the code',
      copied: 'Copied',
      ownerRuns: 'The owner runs',
      command: (code: string) => `countersign pairing approve webchat ${code}`,
      valid: (left: string) => `Valid for ${left}`,
      over: 'No longer valid. Write again to get a new one.',
      id: 'Your id',
    },
    name: {
      label: 'What should the owner call you?',
      help: 'Optional. It goes along with your request, as something you say about yourself.',
      save: 'Save',
      skip: 'Skip',
      tooLong: (most: number) => `At most ${most} characters.`,
    },
    composer: {
      label: 'Your message',
      placeholder: 'Write a message',
      send: 'Send',
      help: 'Enter sends, Shift + Enter makes a new line',
      offline: 'No connection. What you write will be sent when the connection is back.',
      left: (left: number) => `${left.toLocaleString('en')} characters left`,
      tooLong: (over: number) =>
        `${over.toLocaleString('en')} characters too many. Please shorten it; nothing was sent.`,
      tooMany: 'Too many messages are waiting for the connection. This one was not taken.',
    },
    message: {
      from: { you: 'You', agent: 'Agent', gateway: 'Gateway' },
      sending: 'Sending…',
      unsent: 'Will be sent when the connection is back',
      held: 'Not delivered: you are not approved',
      heldThen: 'Not delivered: you were not approved yet',
      taken: 'For Countersign, not for the agent',
      refused: 'Not taken',
      sendNow: 'Send it now',
      takeBack: 'Put it back into the box',
      remove: 'Remove',
      writing: 'The agent is writing',
      newBelow: 'New messages',
    },
  },
};

export type Strings = typeof english;
/** In the language in use: chosen before any page is loaded. */
export let strings: Strings = english;

export function speakStrings(other: Strings): void {
  strings = other;
}
