// German, for taking a gateway into one's care.
import type { ClaimStrings } from '../../strings-claim.ts';

export const german: ClaimStrings = {
  loading: 'Das Gateway wird gefragt …',
  unreachable: {
    title: 'Das Gateway hat nicht geantwortet',
    text: 'Läuft es? So startest du es:',
    again: 'Noch einmal versuchen',
  },
  open: {
    title: 'Nimm dieses Gateway in deine Obhut',
    text: 'Der Link, den du geöffnet hast, gilt ein einziges Mal. Mit ihm gehört dieser Browser der Inhaberin oder dem Inhaber, und du entscheidest, wer mit dem Agenten sprechen darf.',
    name: 'Dein Name',
    nameHelp: 'Andere und das Protokoll sehen ihn. Du kannst ihn später ändern.',
    submit: 'Gateway übernehmen',
    busy: 'Wird übernommen …',
    empty: 'Bitte gib einen Namen an.',
    tooLong: (most) => `Ein Name hat höchstens ${most} Zeichen.`,
  },
  unclaimed: {
    title: 'Dieses Gateway gehört noch niemandem',
    text: 'Wer es zuerst übernimmt, braucht einen Link. Er steht dort, wo das Gateway gestartet wurde; dies macht einen neuen:',
    after: 'Öffne den Link, der dann erscheint, in diesem Browser. Er gilt einmal, zehn Minuten lang.',
  },
  owned: {
    title: 'Dieses Gateway gehört schon jemandem',
    text: 'Zu übernehmen gibt es nichts mehr. Gehört es dir, melde dich an. Ist der Agent dahinter für dich da, schreib ihm.',
    unused: 'Der Link, den du geöffnet hast, wurde nicht gebraucht und ist unbenutzt.',
    signIn: 'Anmelden',
    chat: 'Chat öffnen',
  },
  wrongPlace: {
    title: 'Übernehmen geht nur an seiner eigenen Adresse',
    text: 'Diese Seite wurde über eine IP-Adresse geöffnet. Der Schlüssel eines Browsers gehört zur Adresse; übernimm das Gateway dort, wo du es benutzen wirst:',
    go: 'Weiter bei',
  },
  done: {
    title: (name) => `Dieses Gateway gehört dir, ${name}`,
    text: 'Dieser Browser ist jetzt als deiner bekannt. Er darf mit dem Agenten sprechen, ohne zu fragen.',
    step: (step, of) => `Schritt ${step} von ${of}`,
    factor: {
      title: 'Ein zweiter Beweis, dass du es bist',
      text: 'Damit kann niemand hier etwas ändern, der nur diesen Browser oder deinen Chat in die Hand bekommt.',
      other: 'Oder',
      skip: 'Ohne weitermachen',
      skipMeans:
        'Ohne ihn gibt es nur diesen Browser und den Rechner des Gateways: Wer eines davon hat, gilt als du.',
    },
    codes: {
      title: 'Für den Tag, an dem alles andere verloren ist',
      text: 'Zehn Codes auf Papier. Jeder lässt dich einmal hinein.',
      skip: 'Ohne Codes weitermachen',
      skipMeans:
        'Ohne sie musst du nach einem Verlust den Zugang auf dem Rechner des Gateways wiederherstellen, mit einer Wartezeit.',
    },
    link: {
      finish: 'Zu deinem Haus',
    },
    waiting: 'Dieser Browser wird eingelassen …',
    notIn:
      'Dieser Browser konnte noch nicht eingelassen werden. Alles Weitere geht auch später, auf dieser Seite.',
    chat: 'Mit deinem Agenten sprechen',
  },
  failed: {
    link: {
      title: 'Dieser Link öffnet nichts mehr',
      text: 'Er wurde benutzt, ist abgelaufen oder war nicht vollständig. Auf dem Rechner des Gateways machst du einen neuen:',
    },
    other: 'Das hat nicht geklappt',
    network:
      'Das Gateway hat nicht geantwortet. Versuch es noch einmal: Hat die Übernahme doch geklappt, sagt diese Seite es.',
  },
};
