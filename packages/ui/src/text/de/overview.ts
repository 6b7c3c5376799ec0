// German: what needs somebody now, how the house is, and the last day in numbers.
import type { Text } from '../say.ts';

export const overview: Text['overview'] = {
  title: 'Übersicht',
  about: 'Was dich braucht, steht zuerst. Diese Seite ändert sich von selbst.',
  needs: {
    title: 'Braucht dich jetzt',
    count: (count) => (count === 1 ? 'Eines wartet auf dich.' : `${count} Dinge warten auf dich.`),
    list: 'Was dich braucht, das Älteste zuerst',
    none: 'Nichts braucht dich',
    noneHint:
      'Wenn ein Agent ein Ja braucht, jemand um Einlass bittet oder etwas nicht stimmt, steht es hier.',
    more: (count) =>
      count === 1
        ? 'Eines mehr steht auf seiner eigenen Seite.'
        : `${count} mehr stehen auf ihren eigenen Seiten.`,
    since: 'gemeldet',
    pairing: {
      title: 'Jemand möchte mit deinem Agenten sprechen',
      waiting: 'Jemand wartet auf einen freien Platz an der Tür',
      does: 'Bis du Ja sagst, kommt nichts von dort beim Agenten an.',
      words: 'Erste Worte',
      ends: 'Die Anfrage verfällt',
      action: 'Entscheiden',
      actionOf: (id) => `Entscheiden: ${id}`,
    },
    approval: {
      title: 'Ein Agent wartet auf ein Ja oder Nein',
      does: 'Ohne ein Ja geschieht nichts, und Schweigen heißt Nein.',
      agent: 'Agent',
      ends: 'Die Anfrage endet',
      action: 'Entscheiden',
      actionOf: (short) => `Entscheiden: ${short}`,
    },
    device: {
      title: 'Ein Gerät bittet um Einlass',
      does: 'Hast du das nicht gerade selbst begonnen, lehne es ab.',
      ends: 'Die Anfrage verfällt',
      action: 'Entscheiden',
      actionOf: (id) => `Entscheiden: ${id}`,
    },
    recovery: {
      title: 'Ein Zugang soll wiederhergestellt werden',
      does: 'Dabei enden alle Faktoren, Wiederherstellungscodes und Geräte dieser Person. Ist das nicht gewollt, halte es vorher an.',
      ready: 'Kann ausgeführt werden',
      action: 'Ansehen',
      actionOf: (id) => `Ansehen: ${id}`,
    },
    config: {
      guarded: 'Eine geschützte Einstellung wurde in der Datei geändert und wartet',
      removal: 'In der Datei fehlen auf einmal viele Menschen in einer Liste',
      does: 'Der bisherige Wert gilt, bis du den neuen annimmst.',
      doesRemoval: (count) =>
        count === 1
          ? '1 Person fehlt. Ausgesperrt wurde niemand.'
          : `${count} Personen fehlen. Ausgesperrt wurde niemand.`,
      setting: 'Einstellung',
      action: 'Ansehen',
      actionOf: (path) => `Ansehen: ${path}`,
    },
    channel: {
      retrying: (name) => `${name} ist ausgefallen und wird wieder versucht`,
      failed: (name) => `${name} ist ausgefallen`,
      does: 'Wer dort schreibt, wird nicht gehört.',
      action: 'Nachsehen, was zu tun ist',
      actionOf: (name) => `Nachsehen, was zu tun ist: ${name}`,
    },
    check: {
      error: 'An dieser Installation stimmt etwas nicht',
      warning: 'An dieser Installation solltest du etwas ansehen',
      todo: 'Was zu tun ist',
    },
  },
  health: {
    title: 'Wie es läuft',
    since: 'Gestartet',
    notRunning: 'Kein Gateway läuft; das hier ist, was gespeichert ist.',
    version: 'Version',
    agent: 'Agent',
    channels: 'Kanäle',
    noChannels: 'Kein Kanal ist eingeschaltet.',
    toChannels: 'Zu den Kanälen',
    states: {
      connected: 'verbunden',
      retrying: 'neuer Versuch',
      failed: 'ausgefallen',
      starting: 'startet',
      off: 'aus',
    },
    isolation: 'Abschottung',
    isolations: {
      0: 'Keine: Ein Agent, der unter demselben Konto läuft, kann die Dateien des Gateways lesen.',
      other: (level) => `Stufe ${level}`,
    },
    test: 'Endpunkte für Tests sind erlaubt: Zum Wohnen ist dieses Haus nicht.',
  },
  day: {
    title: 'Die letzten 24 Stunden',
    since: 'Beginn:',
    counts: {
      admitted: (count) =>
        count === 1 ? 'Nachricht hat den Agenten erreicht' : 'Nachrichten haben den Agenten erreicht',
      answered: (count) => (count === 1 ? 'wurde beantwortet' : 'wurden beantwortet'),
      unanswered: (count) =>
        count === 1 ? 'konnte nicht beantwortet werden' : 'konnten nicht beantwortet werden',
      asked: (count) => (count === 1 ? 'neue Bitte um Einlass' : 'neue Bitten um Einlass'),
      letIn: (count) => (count === 1 ? 'wurde eingelassen' : 'wurden eingelassen'),
      turnedAway: (count) => (count === 1 ? 'wurde abgewiesen' : 'wurden abgewiesen'),
      putToPeople: (count) => (count === 1 ? 'Befehl wurde vorgelegt' : 'Befehle wurden vorgelegt'),
      saidYes: (count) => (count === 1 ? 'wurde freigegeben' : 'wurden freigegeben'),
      saidNo: (count) => (count === 1 ? 'wurde abgelehnt' : 'wurden abgelehnt'),
      ranUnasked: (count) =>
        count === 1 ? 'Befehl durfte ungefragt laufen' : 'Befehle durften ungefragt laufen',
      signedIn: (count) =>
        count === 1
          ? 'Browser hat sich mit einem Code angemeldet'
          : 'Browser haben sich mit einem Code angemeldet',
      refused: (count) =>
        count === 1
          ? 'Aufruf, Befehl oder Anmeldung abgewiesen'
          : 'Aufrufe, Befehle und Anmeldungen abgewiesen',
      undelivered: (count) =>
        count === 1 ? 'Nachricht ließ sich nicht zustellen' : 'Nachrichten ließen sich nicht zustellen',
    },
    quiet: 'Nichts ist geschehen.',
    toAudit: 'Alles im Protokoll ansehen',
  },
};
