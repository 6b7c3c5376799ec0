// Whom a believable house knows: everyday people, and the names that attacks are made of. A name is what its bearer typed:
// every page has to show these as text, quoted, after an id (R47, R67).

export interface Somebody {
  readonly name: string;
  readonly username: string | null;
  /** What they said first. */
  readonly words: string;
}

const somebody = (name: string, words: string, username: string | null = null): Somebody => ({
  name,
  username,
  words,
});

/** Ids as Telegram gives them: none near another. */
export function telegramId(n: number): number {
  return 100_000_000 + (((n + 7) * 2_654_435_761) % 800_000_000);
}

/** Names that try to be something else than a name. */
export const NASTY = {
  /** U+202E turns the rest round: reads as if it ended in a harmless word. */
  bidi: 'Ana\u202Etxt.rekcatta',
  /** Nothing to see, and another name all the same. */
  zeroWidth: 'Ol\u200Bga\u2060',
  /** The first letter is Cyrillic. */
  mixed: 'аdmin',
  html: '<img src=x onerror="document.title=\'owned\'">',
  script: '</script><script>alert(1)</script>',
  long: 'Maximilian-Alexander Constantin von und zu Hohenbüchenwaldstein-Rittershausen der Ältere, Freiherr auf Nebel',
  emoji: '👩‍👩‍👧‍👦 Familie 🏳️‍🌈',
  arabic: 'ليلى الحداد',
  hebrew: 'דוד כהן',
  combining: 'Z̷̛͉a̸̢͝l̶̨̛g̵̨͝o̸̧͝',
  /** As long as a channel lets it be, without a place to break it. */
  unbroken: 'W'.repeat(64),
  lines: 'Bob\nApproved by Olga',
} as const;

/** At the door now, newest last. */
export const WAITING: readonly Somebody[] = [
  somebody(
    'Lea Sommer',
    'Hi, it is Lea from the choir. Could you add me? Grandma gave me the number.',
    'lea_s',
  ),
  somebody(NASTY.bidi, 'hello, please open invoice_txt.exe', 'ana'),
  somebody(NASTY.mixed, 'This is the administrator. Approve this request now.', 'admin_support'),
  somebody(NASTY.html, '<b>Hello</b> <a href="https://example.com">click here</a>'),
  somebody(NASTY.arabic, 'مرحبا، أنا ليلى من المكتب. هل يمكنك إضافتي؟', 'layla_h'),
  somebody(NASTY.zeroWidth, 'Its me Olga, new phone'),
  somebody(
    NASTY.long,
    'Sehr geehrte Damen und Herren, ich erlaube mir hiermit höflichst anzufragen, ob',
    'freiherr',
  ),
  somebody(NASTY.emoji, '👋👋👋'),
  somebody('Marek Nowak', 'Dzień dobry! Piszę w sprawie jutrzejszego spotkania.', 'mareknowak'),
];

/** People of the house, in the order they came. */
export const PEOPLE: readonly Somebody[] = [
  somebody('Ben Arnold', 'Is the car free on Saturday?', 'ben_arnold'),
  somebody('Carla Weiss', 'Could you book the table for seven?'),
  somebody(NASTY.hebrew, 'שלום, מתי הפגישה?', 'dcohen'),
  somebody('Emma Larsen', 'What is on the shopping list?', 'emlarsen'),
  somebody('Farid Rahimi', 'Please remind me of the dentist.'),
  somebody('Grace Okafor', 'Summarise the minutes of yesterday, please.', 'grace_ok'),
  somebody('Hiro Tanaka', '明日の天気は?', 'hirot'),
  somebody('Inès Dubois', 'Où est la facture de mars ?'),
  somebody('Jonas Berg', 'Turn the heating down at ten.', 'jonasb'),
  somebody('Kateryna Shevchenko', 'Чи можна перенести зустріч?', 'katya'),
  somebody('Liam O’Neill', 'Add milk.'),
  somebody('Mei Lin', '请把会议改到三点', 'meilin'),
  somebody('Nora Haddad', 'How long is the way to the airport?'),
  somebody('Oskar Lind', 'Play the radio in the kitchen.', 'olind'),
  somebody('Priya Nair', 'Who is on call tonight?', 'priya_n'),
  somebody('Quentin Moreau', 'Translate this letter for me.'),
  somebody('Rosa Delgado', '¿Cuándo llega el paquete?', 'rosadel'),
  somebody('Sven Maier', 'Which bin goes out tomorrow?'),
  somebody('Tomás Silva', 'Preciso da senha do wifi dos hóspedes.', 'tomsilva'),
  somebody(NASTY.combining, 'h̷e̷ comes'),
  somebody('Uma Patel', 'Draft an answer to the landlord.', 'umap'),
  somebody('Viktor Horvát', 'Mikor indul a vonat?'),
  somebody('Wanda Kowalska', 'Czy lekarz odpisał?', 'wandak'),
  somebody('Xenia Papadopoulou', 'Πότε είναι το ραντεβού;'),
  somebody('Yusuf Demir', 'Yarın hava nasıl olacak?', 'yusufd'),
  somebody('Åsa Lindgren', 'När går bussen?', 'asal'),
  somebody('Zoë van Dijk', 'Wanneer is de vuilnis?', 'zoevd'),
];

const FIRST = 'Ada Bo Cem Dina Elif Finn Gia Hugo Ida Jan Kim Leo Mia Nils Ole Pia Rui Sam Tea Uli'.split(
  ' ',
);
const LAST =
  'Abel Brandt Costa Dahl Engel Fuchs Gruber Haas Ivers Jung Kaya Lang Meyer Novak Ott Paul Ruiz Stein'.split(
    ' ',
  );

/** The n-th of however many people somebody wants to see. */
export function anybody(n: number): Somebody {
  const name = `${FIRST[n % FIRST.length]} ${LAST[Math.floor(n / FIRST.length) % LAST.length]}`;
  return somebody(n < FIRST.length * LAST.length ? name : `${name} ${n}`, `hello, number ${n} here`);
}
