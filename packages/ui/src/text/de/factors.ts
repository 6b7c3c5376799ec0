// German: what a person proves besides their chat or their browser.
import type { Text } from '../say.ts';

export const factors: Text['factors'] = {
  title: 'Faktoren',
  about:
    'Etwas Zweites neben diesem Browser, das nur du hast. Damit braucht jede Änderung einen Beweis, und wer deinen Browser in die Hand bekommt oder deinen Chat mitliest, kann dir keine unterschieben.',
  kind: { totp: 'Authenticator-App', passkey: 'Passkey' },
  good: {
    passkey:
      'Das Stärkste: nichts zu tippen, und er antwortet nur der Seite dieses Gateways. Er gilt nur auf dieser Seite.',
    totp: 'Sechs Ziffern aus einer App auf deinem Telefon. Geht überall: auf dieser Seite, im Terminal, im Chat.',
    recovery: 'Für den Tag, an dem alles andere verloren ist. Jeder Code gilt einmal.',
  },
  mine: {
    title: 'Deine',
    list: 'Deine Faktoren',
    none: 'Du hast noch keine',
    noneHint: 'Ohne Faktor gilt als du, wer diesen Browser oder den Rechner des Gateways in der Hand hat.',
    noneAdd:
      'Ohne Faktor gilt als du, wer diesen Browser oder den Rechner des Gateways in der Hand hat. Füge unten einen hinzu; ein Passkey dauert zehn Sekunden.',
    pending: 'noch nicht bestätigt',
    pendingHint: 'Sie zählt, sobald ihr erster Code hier eingegeben wurde.',
    added: 'Hinzugefügt',
    used: 'zuletzt benutzt',
    unused: 'nie benutzt',
    elsewhere: (origin) => `gilt nur an ${origin}, nicht hier`,
    confirm: 'Bestätigen',
    confirmOf: (id) => `Bestätigen: ${id}`,
    confirmTitle: 'App bestätigen',
    confirmLabel: 'Code, den die App jetzt zeigt',
    confirmed: 'Die App ist bestätigt.',
    confirmWrong: 'Dieser Code passt nicht. Prüfe, ob die Uhr des Telefons stimmt, und nimm den nächsten.',
    remove: 'Entfernen',
    removeOf: (kind, id) => `Entfernen: ${kind}, ${id}`,
    removeTitle: (kind) => `${kind} entfernen?`,
    removeWhat: 'Der Schlüssel wird vernichtet und gilt nicht mehr. Deine anderen Faktoren bleiben.',
    removeLast:
      'Es ist der einzige, den du hast. Deine Wiederherstellungscodes verschwinden mit ihm, und dann gibt es nur noch diesen Browser und den Rechner des Gateways.',
    keep: 'Behalten',
    removeYes: 'Entfernen',
    removed: (kind) => `${kind} entfernt.`,
    later: 'Dieser Browser darf sie ansehen. Um sie zu ändern, beweise zuerst, dass du es bist.',
  },
  done: { passkey: 'Der Passkey ist hinzugefügt.', totp: 'Die App ist bestätigt.' },
  add: {
    title: 'Hinzufügen',
    about: 'Zwei sind besser als einer: Mit dem zweiten kommst du herein, wenn der erste verloren ist.',
  },
  recovery: {
    title: 'Wiederherstellungscodes',
    left: (count) => (count === 1 ? 'Noch 1 Code übrig' : `Noch ${count} Codes übrig`),
    low: 'Viele sind es nicht mehr. Erzeuge neue, solange du beweisen kannst, dass du es bist.',
    out: 'Keiner ist mehr übrig. Verlierst du jetzt deine Faktoren, führt der Weg zurück über den Rechner des Gateways, mit einer Wartezeit.',
    needsFactor: 'Sie vertreten einen Faktor: Füge zuerst einen hinzu.',
    make: 'Wiederherstellungscodes erzeugen',
    renew: 'Neue erzeugen',
    renewMeans: 'Die Codes, die du hast, gelten dann nicht mehr.',
  },
  prove: {
    title: 'Dieser Browser',
    need: 'Dieser Browser kam mit einem Code aus einem Chat herein. Das zeigt, dass jemand diesen Chat liest, nicht, dass du es bist. Ein Beweis hier, ein einziges Mal, öffnet den Rest:',
    button: 'Beweise, dass du es bist',
    form: 'Beweise, dass du es bist',
    formText: 'Mit irgendeinem deiner Faktoren oder einem Wiederherstellungscode.',
    proven: 'Danke. Dieser Browser darf jetzt alles, was du darfst.',
    already: 'Bewiesen. Dieser Browser darf alles, was du darfst.',
    noFactor:
      'Du hast noch keinen Faktor, mit dem du es beweisen kannst. Füge den ersten auf dem Rechner des Gateways hinzu, oder in einem Browser, der mehr darf:',
  },
  recoveries: {
    title: 'Es heißt, alle Faktoren seien verloren',
    about: (name) =>
      `Auf dem Rechner des Gateways wurde gesagt, „${name}“ habe alle Faktoren verloren. Stimmt das nicht, halte es jetzt an.`,
    ready: 'Kann ausgeführt werden',
    readySince: 'Ausführbar geworden',
    ends: 'Beenden würde es',
    endsWhat: (factorCount, codes, deviceCount) =>
      `${factorCount === 1 ? '1 Faktor' : `${factorCount} Faktoren`}, ${codes === 1 ? '1 Wiederherstellungscode' : `${codes} Wiederherstellungscodes`}, ${deviceCount === 1 ? '1 Gerät' : `${deviceCount} Geräte`}`,
    id: 'Wiederherstellung',
    since: 'Angekündigt',
    stop: 'Anhalten',
    stopOf: (name) => `Die Wiederherstellung von „${name}“ anhalten`,
    stopped: (name) => `Die Wiederherstellung von „${name}“ wurde angehalten. Geändert hat sich nichts.`,
    cannot:
      'Dieser Browser darf sie nicht anhalten. Antworte in deinem Chat mit /notme, oder nimm ein anderes Gerät.',
  },
};
