// German: notifications in a browser.
import type { Text } from '../say.ts';

export const push: Text['push'] = {
  title: 'Benachrichtigungen',
  about:
    'Eine Benachrichtigung sagt, dass etwas auf dich wartet und auf welchem Kanal. Sie sagt nie, wer es ist, und in ihr wird nichts entschieden: Sie öffnet diese Seite.',
  here: 'Dieser Browser',
  on: 'Meldet sich, wenn du gebraucht wirst',
  off: 'Bleibt still',
  turnOn: 'Einschalten',
  turnOff: 'Ausschalten',
  tryIt: 'Probe senden',
  turnedOn: 'Dieser Browser meldet sich jetzt, wenn du gebraucht wirst.',
  turnedOff: 'Dieser Browser bleibt von jetzt an still.',
  refused: 'Der Browser hat es nicht erlaubt.',
  notSubscribed: 'Der Browser hat keinen Push-Dienst oder konnte ihn nicht erreichen.',
  notSubscribedHint:
    'Manche Browser wollen dafür ein angemeldetes Konto oder eine Erlaubnis in ihren eigenen Einstellungen.',
  tested: {
    delivered: 'Gesendet. Gleich sollte sie da sein.',
    gone: 'Der Push-Dienst kennt diesen Browser nicht mehr. Schalte die Benachrichtigungen noch einmal ein.',
    later: 'Der Push-Dienst ist überlastet oder nicht erreichbar. Versuch es später noch einmal.',
    refused: 'Der Push-Dienst hat sie abgewiesen.',
  },
  denied: 'Diesem Browser wurde untersagt, für diese Seite Benachrichtigungen zu zeigen.',
  deniedHint:
    'Erlaube sie in den Einstellungen der Seite (das Zeichen neben der Adresse) und lade die Seite dann neu.',
  install: 'Auf iPhone und iPad muss diese Seite zuerst auf den Home-Bildschirm.',
  installHint: 'Teilen → Zum Home-Bildschirm. Öffne Countersign dann von dort und komm hierher zurück.',
  none: 'Dieser Browser kennt keine Benachrichtigungen für Seiten.',
  noneHint: 'Ein Chat von dir leistet dasselbe: Auch dort erfährst du von allem, was wartet.',
  noRight: 'Benachrichtigt wird nur ein Gerät, das etwas entscheiden darf. Dieses hier darf sich umsehen.',
  others: 'Andere Browser',
  othersAbout: 'Geräte, die benachrichtigt werden. Endet der Zugang eines Geräts, endet auch das.',
  noOthers: 'Kein anderer Browser wird benachrichtigt.',
  since: 'eingeschaltet',
  lastOk: 'zuletzt erreicht',
  failing: (why) => `Die letzte ist nicht angekommen (${why}).`,
  failingApple:
    'Der Dienst von Apple nimmt Benachrichtigungen nur von einem Gateway mit öffentlicher https-Adresse an (gateway.publicUrl).',
  end: 'Nicht mehr benachrichtigen',
  endOf: (name) => `${name} nicht mehr benachrichtigen`,
  endTitle: 'Diesen Browser nicht mehr benachrichtigen?',
  endWhat: 'Er bleibt gekoppelt. Einschalten lassen sich die Benachrichtigungen dort jederzeit wieder.',
  keep: 'Dabei bleiben',
  ended: 'Dieser Browser wird nicht mehr benachrichtigt.',
};
