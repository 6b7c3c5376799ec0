// What a notification says on the screen of a locked phone: that something of a kind waits, and on which channel. The words
// are ours and in here; of what arrives only words of these lists are used, and no address at all.

type Kind = 'pairing' | 'device' | 'recovery' | 'config' | 'approval' | 'test';
type Language = 'en' | 'de';

interface Words {
  readonly pairing: string;
  readonly pairingOn: (channel: string) => string;
  readonly device: string;
  readonly recovery: string;
  readonly config: string;
  readonly approval: string;
  readonly test: string;
  /** For a kind this worker does not know yet: the page knows. */
  readonly other: string;
}

const WORDS: Readonly<Record<Language, Words>> = {
  en: {
    pairing: 'Somebody asks to talk to your assistant.',
    pairingOn: (channel) => `Somebody on ${channel} asks to talk to your assistant.`,
    device: 'A device asks to be paired.',
    recovery: 'Somebody says that a person lost every factor. You can stop it.',
    config: 'A change of the configuration waits for you.',
    approval: 'An agent waits for a yes or a no.',
    test: 'This is how a notification looks. Nothing waits for you.',
    other: 'Something waits for your decision.',
  },
  de: {
    pairing: 'Jemand möchte mit deinem Assistenten sprechen.',
    pairingOn: (channel) => `Jemand möchte über ${channel} mit deinem Assistenten sprechen.`,
    device: 'Ein Gerät möchte gekoppelt werden.',
    recovery: 'Es heißt, jemand habe alle Faktoren verloren. Du kannst es anhalten.',
    config: 'Eine Änderung der Einstellungen wartet auf dich.',
    approval: 'Ein Agent wartet auf ein Ja oder Nein.',
    test: 'So sieht eine Benachrichtigung aus. Nichts wartet auf dich.',
    other: 'Etwas wartet auf deine Entscheidung.',
  },
};

/** Where each is decided. A notification opens the page; it decides nothing. */
export const PLACES: Readonly<Record<Kind | 'other', string>> = {
  pairing: '#/pairings',
  device: '#/devices',
  recovery: '#/overview',
  config: '#/settings',
  approval: '#/approvals',
  test: '#/settings',
  other: '#/overview',
};

const CHANNELS: Readonly<Record<string, Readonly<Record<Language, string>>>> = {
  telegram: { en: 'Telegram', de: 'Telegram' },
  webchat: { en: 'web chat', de: 'Webchat' },
};

export interface Shown {
  readonly kind: Kind | 'other';
  readonly language: Language;
  readonly body: string;
  /** The newest of a kind takes the place of the one before. */
  readonly tag: string;
}

/** Something is shown whatever arrived: browsers take the right away from who stays silent. */
export function shownOf(data: unknown): Shown {
  const said: Readonly<Record<string, unknown>> =
    typeof data === 'object' && data !== null ? { ...data } : {};
  const language = said['language'] === 'de' ? 'de' : 'en';
  const kind = isKind(said['kind']) ? said['kind'] : 'other';
  const words = WORDS[language];
  const named = said['channel'];
  const channel = typeof named === 'string' && Object.hasOwn(CHANNELS, named) ? CHANNELS[named] : undefined;
  const isNamed = kind === 'pairing' && channel !== undefined;
  const body = isNamed ? words.pairingOn(channel[language]) : words[kind];
  return { kind, language, body, tag: `countersign-${kind}` };
}

function isKind(text: unknown): text is Kind {
  return typeof text === 'string' && text !== 'other' && Object.hasOwn(PLACES, text);
}

/** The place of a notification that was pressed; what it carries is one of our own words, or nothing. */
export function placeOf(kind: unknown): string {
  return PLACES[isKind(kind) ? kind : 'other'];
}
