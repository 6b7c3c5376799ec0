// German: where people write to the agent, and whether it works.
import type { Text } from '../say.ts';

export const channels: Text['channels'] = {
  title: 'Kanäle',
  about:
    'Hier schreiben Menschen deinem Agenten. Fällt ein Kanal aus, wird er von selbst wieder versucht und hält keinen anderen auf.',
  none: 'Noch kein Kanal eingerichtet',
  noneHint:
    'Der Webchat geht von selbst. Richte ein Konto ein, um dort erreichbar zu sein, wo du ohnehin schreibst.',
  names: {
    telegram: 'Telegram',
    webchat: 'Webchat',
    loopback: 'Loopback',
    whatsapp: 'WhatsApp, verknüpftes Gerät',
    'whatsapp-cloud': 'WhatsApp über Meta',
    twilio: 'Twilio, SMS oder WhatsApp',
    xmpp: 'XMPP',
  },
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
    link: 'Drück auf „Telefon verknüpfen“ und scanne den Code damit.',
    banned: 'WhatsApp hat die Nummer fürs Erste ausgesperrt. Sieh auf das Telefon: Dort steht, wie lange.',
    outdated:
      'WhatsApp will eine neuere Fassung seiner Bibliothek; sie kommt mit einer neuen Fassung von Countersign.',
    impostor:
      'Was da antwortet, konnte nicht beweisen, dass es WhatsApp ist. Nimm das ernst: Vergleich aus einem anderen Netz, und prüf waWebSocketUrl in den Einstellungen.',
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
  webhook: {
    at: 'Wohin geliefert wird',
    copy: 'Adresse kopieren',
    noAddress: 'Das Gateway hat noch keine öffentliche Adresse, also kann nichts geliefert werden.',
    setAddress: 'Öffentliche Adresse setzen',
    steps: {
      'whatsapp-cloud':
        'Bei Meta: die App, WhatsApp, Konfiguration, Webhook: das hier als Callback-URL, dazu dein Prüftoken. Dann messages abonnieren.',
      twilio:
        'Bei Twilio: die Nummer, Messaging, „A message comes in“: Webhook, genau diese Adresse, HTTP POST. Für WhatsApp steht es beim Absender.',
    },
  },
  carrier:
    'Anmeldecodes gehen per SMS hinaus (login.allowCarrier). Wer die Telefonnummer eines Besitzers an sich bringt, meldet sich an dessen Stelle an. Eine Authenticator-App oder ein Chat in einem Messenger ist sicherer.',
  carrierOff: 'In den Einstellungen ändern',
  add: {
    button: 'Konto hinzufügen',
    cannot: 'Um ein Konto hinzuzufügen, beweise auf diesem Browser zuerst, dass du es bist.',
    title: 'Konto hinzufügen',
    nothing: 'Hier ist kein Kanal dabei, der sich hinzufügen lässt',
    show: (name) => `Zeigen, was getippt wurde: ${name}`,
    channel: 'Kanal',
    needs: 'Was es braucht',
    account: 'Name des Kontos',
    accountHelp: 'Kleinbuchstaben, Ziffern, - und _. Er steht hier und im Protokoll.',
    accountTaken: 'Diesen Namen gibt es schon.',
    accountBad: 'Nimm Kleinbuchstaben, Ziffern, - und _, höchstens 32.',
    from: 'Wo das Geheimnis steht',
    fromAll: 'Wo die Geheimnisse stehen',
    fromKinds: { literal: 'Hier einfügen', env: 'In einer Umgebungsvariablen', file: 'In einer Datei' },
    token: 'Token',
    tokenHelp:
      'Es wird ausprobiert und in die Konfigurationsdatei des Gateways geschrieben. Gezeigt wird es nie wieder.',
    tokens: {
      telegram: 'Token des Bots',
      'whatsapp-cloud': 'Zugriffstoken',
      twilio: 'Auth-Token',
      xmpp: 'Passwort',
    },
    env: (name) => `Variable, in der es steht: ${name}`,
    envHelp: 'So, wie das Gateway mit ihr gestartet wurde. Aufgeschrieben wird nur der Name.',
    file: (name) => `Datei, in der es steht: ${name}`,
    fileHelp:
      'Auf dem Rechner des Gateways, für das Gateway lesbar, mit nichts darin als dem Geheimnis. Aufgeschrieben wird nur der Pfad.',
    missing: 'Das wird gebraucht.',
    more: 'Weiteres, das wegbleiben kann',
    moreHelp: 'Alles Übrige steht in den Einstellungen, sobald das Konto da ist.',
    keys: {
      phoneNumberId:
        'Die lange Zahl unter der Telefonnummer, in der App bei WhatsApp, API-Einrichtung. Nicht die Telefonnummer selbst.',
      appSecret:
        'In der App bei App-Einstellungen, Allgemeines. Damit ist bewiesen, dass eine Lieferung von Meta kommt.',
      verifyToken:
        'Das denkst du dir aus: ein langes Wort ohne Leerzeichen. Dasselbe trägst du bei Meta ein.',
      loginTemplate: 'Die genehmigte Vorlage der Kategorie Authentifizierung, die Anmeldecodes trägt.',
      noticeTemplate:
        'Eine genehmigte Vorlage mit einer Lücke, für alle, die 24 Stunden nicht geschrieben haben.',
      templateLanguage: 'Die Sprache, in der beide genehmigt wurden, etwa de oder en_US.',
      accountSid: 'Auf der ersten Seite der Konsole. Sie beginnt mit AC.',
      from: 'Deine Nummer dort: +15555550123 für SMS, whatsapp:+15555550123 für WhatsApp.',
      loginContentSid: 'Die genehmigte Vorlage (sie beginnt mit HX), die auf WhatsApp Anmeldecodes trägt.',
      noticeContentSid:
        'Eine genehmigte Vorlage (sie beginnt mit HX) mit einer Lücke, für alle, die 24 Stunden nicht geschrieben haben.',
      service: 'Wohin verbunden wird, etwa xmpps://example.org:5223.',
      domain: 'Der Teil der Adresse nach dem @.',
      username: 'Der Teil der Adresse vor dem @.',
    },
    takes: {
      telegram: 'ein Bot. Schreib in Telegram /newbot an @BotFather; die Antwort ist das Token.',
      whatsapp:
        'ein Telefon mit WhatsApp und einer eigenen Nummer. Hier wird nichts getippt: Das Telefon scannt einen Code.',
      'whatsapp-cloud':
        'ein Firmenkonto bei Meta mit einer App und einer Nummer dort, und eine öffentliche https-Adresse für dieses Gateway. https://developers.facebook.com',
      twilio:
        'ein Konto mit einer Nummer dort, und eine öffentliche https-Adresse für dieses Gateway. Jede Nachricht kostet Geld. https://console.twilio.com',
      xmpp: 'ein eigenes Konto auf einem XMPP-Server, der sich mit TLS verbindet.',
    },
    warns: {
      twilio:
        'Eine SMS beweist fast nichts: Ihr Absender lässt sich fälschen. Per SMS wird geredet; niemand lässt damit etwas zu, und kein Besitzer meldet sich damit an.',
    },
    submit: 'Ausprobieren und hinzufügen',
    trying: 'Der Zugang wird ausprobiert …',
    cancel: 'Abbrechen',
    added: (login, account) => `Wir sind ${login}. ${account} ist hinzugefügt und läuft.`,
    addedQuiet: (account) => `${account} ist hinzugefügt.`,
    done: 'Fertig',
    doneTitle: 'Es klappt',
    weAre: 'Der Dienst sagt, wir sind dort',
    nextWebhook: 'Der Dienst muss wissen, wohin er liefert:',
    next: 'Schreib ihm aus deinem eigenen Chat: Er antwortet mit einem Code. Lass ihn unter Kopplungen zu, und verbinde ihn unter Menschen mit dir.',
    toPairings: 'Zu den Kopplungen',
    others:
      'Andere Kanäle werden nicht hier hinzugefügt. Der Webchat ist schon da; wie man einen Kanal schreibt, steht in docs/channels/writing-a-channel.md.',
    docsSay: 'Schritt für Schritt:',
  },
};
