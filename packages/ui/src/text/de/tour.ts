// German: the first four steps.
import type { Text } from '../say.ts';

export const tour: Text['tour'] = {
  title: 'Vier Schritte, dann ist alles bereit',
  progress: (done, of) => `${done} von ${of} erledigt`,
  skip: 'Einführung überspringen',
  finish: 'Fertig, ausblenden',
  again: 'Die ersten Schritte wieder zeigen',
  isDone: 'erledigt',
  isOpen: 'offen',
  steps: {
    look: {
      title: 'Sieh dich um',
      text: 'Diese Seite zeigt, was dich braucht, das Älteste zuerst. Was Agenten ausführen wollen, steht unter Freigaben, wer anklopft, unter Kopplungen, und was von selbst läuft, sagt die Richtlinie; was je geschehen ist, steht im Protokoll. Die Taste ? zeigt alle Tasten.',
      action: 'Verstanden',
    },
    chat: {
      title: 'Verbinde deinen eigenen Chat',
      text: 'Dorthin kommen Fragen und Codes zum Anmelden, und du kannst vom Telefon aus antworten. Richte einen Bot ein, schreib ihm aus deinem eigenen Chat und verbinde diesen Chat dann mit dir.',
      addBot: 'Bot einrichten',
      link: 'Mit mir verbinden',
      byCommand: 'Oder auf dem Rechner des Gateways:',
    },
    factor: {
      title: 'Sorge dafür, dass nur du du bist',
      text: 'Ein Passkey oder eine Authenticator-App. Danach ändert hier niemand mehr etwas ohne sie, auch nicht mit deinem Browser in der Hand.',
      action: 'Faktor hinzufügen',
    },
    people: {
      title: 'Lass jemanden herein',
      text: 'Schick jemanden zu deinem Bot, oder probier es selbst im Webchat mit einem anderen Browser: Wer zum ersten Mal schreibt, bekommt einen Code und wartet unter Kopplungen.',
      action: 'Zu den Kopplungen',
      chat: 'Webchat öffnen',
    },
  },
};
