// German, for the web chat and what both pages share.
import type { Strings } from '../../strings.ts';

export const german: Strings = {
  product: 'Countersign',
  notSecure: {
    title: 'Diese Seite braucht eine sichere Adresse',
    text: 'Sie beweist mit einem Schlüssel dieses Browsers, wer schreibt. Solche Schlüssel bewahren Browser nur an https-Adressen und an localhost auf.',
    home: (home) =>
      `Öffne auf dem Rechner des Gateways ${home}. Von woanders brauchst du die https-Adresse; frag die Person, der es gehört.`,
    noHome: 'Frag die Person, der das Gateway gehört, nach seiner https-Adresse.',
  },
  broken: {
    title: 'Dieser Browser konnte seinen Schlüssel nicht anlegen',
    text: 'Ohne Schlüssel weiß niemand, wer schreibt. Die Meldung dazu:',
  },
  elsewhere: {
    text: 'Du hast diese Seite über eine IP-Adresse geöffnet. Zu Hause ist sie hier:',
    reason: 'Schlüssel gehören im Browser zur Adresse. Deshalb ist dieser hier für das Gateway ein anderer.',
  },
  copied: 'Kopiert',
  time: {
    left: (left) => `Noch ${left} gültig`,
    leftSpoken: (seconds) => `Noch ${seconds} Sekunden gültig.`,
    over: 'Nicht mehr gültig.',
  },
  chat: {
    log: 'Gespräch',
    link: {
      connecting: 'Verbindung wird aufgebaut …',
      paired: 'Verbunden',
      online: 'Nicht zugelassen',
      offline: 'Keine Verbindung. Es wird weiter versucht …',
      refused: 'Das Gateway hat diese Seite abgewiesen',
    },
    about: 'Über diesen Browser',
    aboutId: 'Das Gateway kennt diesen Browser unter der Kennung',
    aboutName: 'Genannt wurde ihm der Name',
    aboutKey: 'Der Schlüssel dahinter bleibt in diesem Browser und lässt sich nicht herauskopieren.',
    keptInWindow:
      'Dieser Browser bewahrt für diese Seite nichts auf: Der Schlüssel, und mit ihm dein Zugang, endet, wenn du das Fenster schließt.',
    keyLost:
      'Dieser Browser hat seinen früheren Schlüssel verloren; für das Gateway ist hier jemand Neues. Du musst noch einmal zugelassen werden.',
    forgotten: 'Das Gateway kennt diesen Browser nicht mehr. Schreib noch einmal, um Zugang zu erbitten.',
    understood: 'Verstanden',
    empty: {
      unknown: {
        title: 'Sag Hallo',
        text: 'Wem der Agent gehört, der kennt diesen Browser noch nicht. Deine erste Nachricht bittet um Einlass. Zum Agenten kommt sie erst, wenn ein Ja da ist.',
      },
      paired: {
        title: 'Was liegt dir auf dem Herzen?',
        text: 'Du bist zugelassen. Was du hier schreibst, geht an den Agenten.',
      },
      other: { title: 'Noch nichts hier', text: 'Was gesagt wird, steht dann hier.' },
    },
    panel: {
      unknown: null,
      paired: null,
      pending: {
        title: 'Bitte um Einlass',
        text: 'Gib diesen Code der Person, der das Gateway gehört. Bis sie zustimmt, erreicht nichts von dir den Agenten.',
      },
      waiting: {
        title: 'Du wirst gesehen; gerade ist kein Code frei',
        text: 'Andere warten mit einem Code. Du musst nichts tun: Du kannst auch über deine Kennung zugelassen werden.',
      },
      denied: {
        title: 'Die Antwort war Nein',
        text: 'Was du hier schreibst, wird nicht an den Agenten weitergegeben.',
      },
      revoked: {
        title: 'Dein Zugang wurde beendet',
        text: 'Was du hier schreibst, wird nicht an den Agenten weitergegeben.',
      },
      expired: {
        title: 'Der Code ist abgelaufen',
        text: 'Schreib noch einmal, dann bekommst du einen neuen.',
      },
      silent: {
        title: 'Hier wird niemand Neues eingelassen',
        text: 'Dieses Gateway hört nur auf Menschen, die eigens genannt wurden. Wirst du erwartet, gib deine Kennung weiter.',
      },
    },
    code: {
      label: 'Dein Code',
      copy: 'Code kopieren',
      copied: 'Kopiert',
      ownerRuns: 'Auf dem Rechner des Gateways:',
      command: (code) => `countersign pairing approve webchat ${code}`,
      valid: (left) => `Gültig noch ${left}`,
      over: 'Nicht mehr gültig. Schreib noch einmal, dann bekommst du einen neuen.',
      id: 'Deine Kennung',
    },
    name: {
      label: 'Wie sollst du genannt werden?',
      help: 'Freiwillig. Der Name geht mit deiner Bitte mit, als etwas, das du selbst über dich sagst.',
      save: 'Speichern',
      skip: 'Überspringen',
      tooLong: (most) => `Höchstens ${most} Zeichen.`,
    },
    composer: {
      label: 'Deine Nachricht',
      placeholder: 'Nachricht schreiben',
      send: 'Senden',
      help: 'Enter sendet, Umschalt + Enter macht eine neue Zeile',
      offline: 'Keine Verbindung. Was du schreibst, wird gesendet, sobald sie wieder da ist.',
      left: (left) => `Noch ${left.toLocaleString('de')} Zeichen`,
      tooLong: (over) =>
        `${over.toLocaleString('de')} Zeichen zu viel. Bitte kürze den Text; gesendet wurde nichts.`,
      tooMany: 'Zu viele Nachrichten warten auf die Verbindung. Diese wurde nicht angenommen.',
    },
    message: {
      from: { you: 'Du', agent: 'Agent', gateway: 'Gateway' },
      sending: 'Wird gesendet …',
      unsent: 'Wird gesendet, sobald die Verbindung wieder da ist',
      held: 'Nicht zugestellt: Du bist nicht zugelassen',
      heldThen: 'Nicht zugestellt: Du warst noch nicht zugelassen',
      taken: 'An Countersign, nicht an den Agenten',
      refused: 'Nicht angenommen',
      sendNow: 'Jetzt senden',
      takeBack: 'Zurück ins Eingabefeld',
      remove: 'Entfernen',
      writing: 'Der Agent schreibt',
      newBelow: 'Neue Nachrichten',
    },
  },
};
