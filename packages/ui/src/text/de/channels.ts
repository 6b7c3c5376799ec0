// German: where people write to the agent, and whether it works.
import type { Text } from '../say.ts';

export const channels: Text['channels'] = {
  title: 'Kanäle',
  about:
    'Hier schreiben Menschen deinem Agenten. Fällt ein Kanal aus, wird er von selbst wieder versucht und hält keinen anderen auf.',
  none: 'Noch kein Kanal eingerichtet',
  noneHint:
    'Der Webchat geht von selbst. Richte einen Bot ein, um dort erreichbar zu sein, wo du ohnehin schreibst.',
  names: { telegram: 'Telegram', webchat: 'Webchat', loopback: 'Loopback' },
  state: {
    connected: 'verbunden',
    retrying: 'neuer Versuch',
    failed: 'ausgefallen',
    starting: 'startet',
    off: 'aus',
  },
  means: {
    connected: 'Nachrichten kommen herein und gehen hinaus.',
    retrying:
      'Gerade kommt nichts herein. Es wird von selbst wieder versucht, mindestens einmal in der Minute; was inzwischen geschrieben wird, wartet beim Dienst.',
    failed: 'Es kommt nichts herein, und Warten hilft nicht: Jemand muss etwas ändern.',
    starting: 'Die Verbindung wird aufgebaut.',
    off: 'In den Einstellungen ausgeschaltet. Dort bekommt niemand eine Antwort.',
  },
  login: 'Wir sind dort',
  lastIn: 'Zuletzt herein',
  lastOut: 'Zuletzt hinaus',
  notYet: 'nichts, seit das Gateway läuft',
  who: 'Wer schreiben darf',
  policy: {
    pairing: 'Wen du zulässt; Fremde bekommen einen Code, und du entscheidest',
    allowlist: 'Nur wer auf der Liste steht; Fremde bekommen keine Antwort',
    open: 'Alle, ohne zu fragen',
    disabled: 'Niemand: Private Nachrichten sind ausgeschaltet',
  },
  policyChange: 'Ändern',
  policyChangeOf: (account) => `Ändern, wer an ${account} schreiben darf`,
  wrong: 'Was nicht stimmt',
  todo: 'Was zu tun ist',
  hints: {
    token:
      'Das Token wird nicht angenommen. Hol dir beim Dienst das richtige (bei Telegram: /mybots an @BotFather) und trag es in den Einstellungen ein.',
    network:
      'Der Dienst ist nicht erreichbar. Prüfe, ob dieser Rechner eine Verbindung hat; sonst ist nichts zu tun.',
    conflict:
      'Etwas anderes benutzt denselben Zugang. Beende das andere Programm, oder leg für dieses Gateway einen eigenen Zugang an.',
    library:
      'Neben dem Gateway fehlt eine Bibliothek. Installiere sie wie oben angegeben und starte das Gateway dann neu.',
    stored:
      'Nachrichten konnten nicht gespeichert werden. Sieh nach, ob auf dem Rechner des Gateways noch Platz ist; countersign doctor sagt mehr.',
    busy: 'Der Dienst bittet uns zu warten. Es ist nichts zu tun.',
    other: 'Bleibt es so, führ auf dem Rechner des Gateways countersign doctor aus.',
  },
  off: 'Einschalten lässt er sich in den Einstellungen.',
  toSettings: 'Einstellungen dazu öffnen',
  check: 'Jetzt prüfen',
  checkOf: (account) => `${account} jetzt prüfen`,
  checking: 'Der Dienst wird gefragt …',
  checked: 'Geprüft',
  checkOk: (login) => `Der Dienst hat geantwortet: Wir sind ${login}.`,
  checkRuns: 'Er läuft hier; einen Dienst zum Fragen gibt es nicht.',
  checkBad: (reason) => `Die Prüfung ist gescheitert: ${reason}`,
  list: 'Konten',
  add: {
    button: 'Konto hinzufügen',
    cannot: 'Um ein Konto hinzuzufügen, beweise auf diesem Browser zuerst, dass du es bist.',
    title: 'Konto hinzufügen',
    nothing: 'Hier ist kein Kanal dabei, der sich hinzufügen lässt',
    showToken: 'Token zeigen',
    channel: 'Kanal',
    needs: 'Was es braucht',
    account: 'Name des Kontos',
    accountHelp: 'Kleinbuchstaben, Ziffern, - und _. Er steht hier und im Protokoll.',
    accountTaken: 'Diesen Namen gibt es schon.',
    accountBad: 'Nimm Kleinbuchstaben, Ziffern, - und _, höchstens 32.',
    from: 'Wo das Token steht',
    fromKinds: { literal: 'Hier einfügen', env: 'In einer Umgebungsvariablen', file: 'In einer Datei' },
    token: 'Token',
    tokenHelp:
      'Es wird ausprobiert und in die Konfigurationsdatei des Gateways geschrieben. Gezeigt wird es nie wieder.',
    env: 'Name der Variablen',
    envHelp: 'So, wie das Gateway mit ihr gestartet wurde. Aufgeschrieben wird nur der Name.',
    file: 'Pfad der Datei',
    fileHelp:
      'Auf dem Rechner des Gateways, für das Gateway lesbar, mit nichts darin als dem Token. Aufgeschrieben wird nur der Pfad.',
    missing: 'Das wird gebraucht.',
    submit: 'Ausprobieren und hinzufügen',
    trying: 'Der Zugang wird ausprobiert …',
    cancel: 'Abbrechen',
    added: (login, account) => `Wir sind ${login}. ${account} ist hinzugefügt und läuft.`,
    addedQuiet: (account) => `${account} ist hinzugefügt.`,
    done: 'Fertig',
    doneTitle: 'Es klappt',
    weAre: 'Der Dienst sagt, wir sind dort',
    next: 'Schreib ihm aus deinem eigenen Chat: Er antwortet mit einem Code. Lass ihn unter Kopplungen zu, und verbinde ihn unter Menschen mit dir.',
    toPairings: 'Zu den Kopplungen',
    others:
      'Andere Kanäle werden nicht hier hinzugefügt. Der Webchat ist schon da; wie man einen Kanal schreibt, steht in docs/channels/writing-a-channel.md.',
    docs: { telegram: 'docs/channels/telegram.md', other: 'docs/channels' },
    docsSay: 'Schritt für Schritt:',
  },
};
