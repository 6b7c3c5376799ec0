// German: linking an account by a phone.
import type { Text } from '../say.ts';

export const linking: Text['linking'] = {
  title: (account) => `Telefon verknüpfen: ${account}`,
  link: 'Telefon verknüpfen',
  linkOf: (account) => `Ein Telefon verknüpfen: ${account}`,
  again: 'Neu verknüpfen',
  againOf: (account) => `Neu verknüpfen: ${account}`,
  cannot: 'Um ein Telefon zu verknüpfen, beweise auf diesem Browser zuerst, dass du es bist.',
  unofficial: 'Das ist keine offizielle Schnittstelle von WhatsApp',
  unofficialWhy:
    'WhatsApp erlaubt nur die eigenen Apps. Es kann die Nummer aussperren, und wenn es etwas ändert, kann hier alles stehen, bis die Bibliothek erneuert ist. Nimm eine eigene Nummer dafür, auf die du verzichten kannst, und halte einen anderen Weg zum Anmelden bereit.',
  holder: 'Wer dieses Telefon in der Hand hat, liest mit und kann die Verknüpfung jederzeit beenden.',
  business: 'Für Firmen sind WhatsApp über Meta und Twilio die offiziellen Wege.',
  how: 'Wie verknüpft wird',
  ways: {
    picture: 'Mit einem QR-Code und der Kamera des Telefons',
    code: 'Mit einem Code, ins Telefon getippt',
  },
  phone: 'Nummer dieses Telefons',
  phoneHelp: 'Mit Ländervorwahl, etwa +15555550123.',
  phoneBad: 'Schreib sie mit Ländervorwahl, etwa +15555550123.',
  begin: 'QR-Code zeigen',
  beginCode: 'Code holen',
  cancel: 'Abbrechen',
  stop: 'Aufhören',
  starting: 'WhatsApp wird verbunden …',
  scan: 'Öffne auf dem Telefon WhatsApp, dann Einstellungen, Verknüpfte Geräte, Gerät hinzufügen, und richte die Kamera hierher.',
  onlyYou: 'Wer ihn scannt, verknüpft sein eigenes Telefon mit diesem Gateway: Zeig ihn niemandem.',
  onlyYouType: 'Wer ihn eintippt, verknüpft sein eigenes Telefon mit diesem Gateway: Verrat ihn niemandem.',
  picture: 'QR-Code, um ein Telefon mit diesem Gateway zu verknüpfen',
  pictureNew: 'Ein neuer QR-Code ist da; der vorige gilt nicht mehr.',
  renewing: 'Der nächste QR-Code ist unterwegs …',
  type: 'Öffne auf dem Telefon WhatsApp, dann Einstellungen, Verknüpfte Geräte, Gerät hinzufügen, Stattdessen mit Telefonnummer verknüpfen, und tipp diesen Code ein:',
  codeSays: (letters) => `Der Code: ${letters}`,
  copy: 'Code kopieren',
  codeOver: 'Dieser Code gilt nicht mehr. Fang von vorn an, dann kommt ein neuer.',
  startOver: 'Von vorn anfangen',
  finishing: 'Das Telefon hat zugestimmt. Gleich fertig …',
  slow: 'Das Gateway antwortet nicht; es wird weiter gefragt.',
  linked: (login) => `Verknüpft als ${login}`,
  linkedQuiet: 'Verknüpft',
  linkedNext:
    'Es verbindet sich jetzt, und auf der Karte steht, wie es steht. Schreib der Nummer von einem anderen Telefon aus: Sie antwortet mit einem Code, den du unter Kopplungen zulässt.',
  done: 'Fertig',
  ended: 'Es wurde nicht verknüpft',
  tryAgain: 'Noch einmal',
  force: 'Diese Anmeldung beenden und neu verknüpfen',
  forceWhy:
    'Neu verknüpfen beendet die bisherige Anmeldung: Bis wieder ein Telefon verknüpft ist, kommt nichts an und geht nichts hinaus.',
  why: {
    late: 'Niemand hat den Code rechtzeitig gescannt oder getippt. Nimm das Telefon in die Hand und versuch es noch einmal.',
    stopped: 'Es wurde beendet, bevor ein Telefon verknüpft war. Nichts davon wurde behalten.',
    linked: 'Mit diesem Konto ist schon ein Telefon verknüpft.',
    under: 'Gerade verknüpft jemand dieses Konto, hier oder in einem Terminal.',
    off: 'Das verknüpfte Gerät ist in den Einstellungen ausgeschaltet (web.enabled). Schalte es ein, dann verknüpf es.',
    phone: 'Das ist keine Telefonnummer mit Ländervorwahl.',
    noCode: 'WhatsApp hat für diese Nummer keinen Code gegeben. Prüf die Nummer, oder nimm den QR-Code.',
    library:
      'Die Bibliothek für WhatsApp fehlt. Installiere sie neben dem Gateway, dann starte das Gateway neu:',
    version:
      'Die Bibliothek für WhatsApp passt nicht. Installiere diese Version, dann starte das Gateway neu:',
    banned: 'WhatsApp hat diese Nummer fürs Erste ausgesperrt. Sieh auf das Telefon: Dort steht, wie lange.',
    impostor:
      'Was da geantwortet hat, konnte nicht beweisen, dass es WhatsApp ist. Nimm das ernst: Versuch es aus einem anderen Netz, und prüf waWebSocketUrl in den Einstellungen.',
    network:
      'WhatsApp ist nicht erreichbar. Prüf, ob der Rechner des Gateways eine Verbindung hat, und versuch es noch einmal.',
    gone: 'Das Gateway kennt diese Verknüpfung nicht mehr; vielleicht wurde es neu gestartet. Versuch es noch einmal.',
    other:
      'Versuch es noch einmal. Endet es wieder so, führ auf dem Rechner des Gateways countersign doctor aus.',
  },
  leave: 'So lassen',
  said: 'Das Gateway sagt',
  toSettings: 'Einstellungen dazu öffnen',
  unlink: 'Verknüpfung lösen …',
  unlinkOf: (account) => `Verknüpfung lösen: ${account}`,
  unlinkTitle: (account) => `Verknüpfung von ${account} lösen?`,
  unlinkWhat:
    'WhatsApp erfährt davon, und die Schlüssel dieser Anmeldung werden hier auf jeden Fall entfernt. Bis wieder ein Telefon verknüpft ist, kommt dort nichts an und geht nichts hinaus. Menschen, und was sie dürfen, bleiben, wie sie sind.',
  keep: 'Verknüpft lassen',
  unlinkYes: 'Lösen',
  unlinked: (account) => `Die Verknüpfung von ${account} ist gelöst.`,
  unlinkedUntold: (account) =>
    `Die Verknüpfung von ${account} ist hier gelöst, aber WhatsApp war nicht zu erreichen. Entfern das Gerät auf dem Telefon unter Einstellungen, Verknüpfte Geräte.`,
};
