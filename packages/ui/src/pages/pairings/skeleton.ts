// Names as an eye takes them in: two that look the same have the same skeleton, whatever letters they are made of (R47).
// A skeleton is compared and never shown. It errs towards "looks alike": what it finds is a warning, never a refusal.

/** One a pair: the letter, and the Latin one it is taken for. Capitals first where the small letter looks otherwise. */
const CAPITALS = pairs(
  'Αa Βb Εe Ζz Ηh Ιi Κk Μm Νn Οo Ρp Τt Υy Χx ' +
    'Аa Вb Еe Ѕs Іi Јj Кk Мm Нh Оo Рp Ԛq Сc Тt Уy Ԝw Хx Ѵv Һh Ԍg ' +
    'Ꭺa Ᏼb Ꮯc Ꭰd Ꭼe Ꮐg Ꮋh Ꭻj Ꮶk Ꮮl Ꮇm Ꮲp Ꭱr Ꮪs Ꭲt Ꮩv Ꮃw Ꮍy Ꮓz Օo Տs Լl Ցg',
);
const SMALL = pairs(
  'аa вb еe ѕs іi јj кk мm нh оo рp ԛq сc тt уy ԝw хx ѵv һh ԍg ԁd ӏl ґr гr пn ѡw ьb ' +
    'αa βb εe ιi κk νv οo ρp τt υu χx γy ηn ωw ϲc ϳj σo ' +
    'օo ոn սu հh ցg զq յj պw ' +
    'ıi ȷj łl øo đd ħh ŧt ɑa ɡg ɩi ʏy ᴀa ʙb ᴄc ᴅd ᴇe ɢg ʜh ɪi ᴊj ᴋk ʟl ᴍm ɴn ᴏo ᴘp ʀr ꜱs ᴛt ᴜu ᴠv ᴡw ᴢz ' +
    '٠o ۰o ०o 0o 1l וl اl |l ǀl ∣l',
);
const IGNORED = /[\p{Default_Ignorable_Code_Point}\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Cs}]/gu;
/** As the gateway writes out what cannot be seen, in the names it keeps. */
const WRITTEN_OUT = /\\u\{[0-9A-F]{4,6}\}/g;
const BETWEEN = /[\p{Z}\p{P}\p{S}]+/gu;

/** Upper and lower case, width, accents' spelling, separators and the invisible apart: the same name. */
export function sameName(name: string): string {
  const plain = seenOf(name).toLowerCase().normalize('NFKC');
  const bare = plain.replace(BETWEEN, '');
  // Nothing but pictures or points is a name too.
  return bare === '' ? plain.trim() : bare;
}

export function skeleton(name: string): string {
  const apart = seenOf(name).normalize('NFD').replace(/\p{M}/gu, '');
  const latin = mapped(mapped(apart, CAPITALS).toLowerCase(), SMALL);
  const joined = latin.replace(BETWEEN, '').replaceAll('rn', 'm').replaceAll('vv', 'w');
  // A capital I, a small l and a 1 are one stroke.
  const bare = joined.replace(/[i1]/gu, 'l');
  return bare === '' ? sameName(name) : bare;
}

/** The digits of a number, however it is written; empty when it is none or a short one. */
export function digitsOf(identifier: string): string {
  const digits = identifier.replace(/[\s().-]+/g, '').replace(/^\+/, '');
  return /^\d{6,}$/.test(digits) ? digits : '';
}

/** One digit changed, left out or put in, or two neighbours swapped. */
export function isOneApart(one: string, other: string): boolean {
  const [short, long] = one.length <= other.length ? [one, other] : [other, one];
  if (long.length - short.length > 1 || short === long) return false;
  let at = 0;
  while (at < short.length && short[at] === long[at]) at += 1;
  if (short.length < long.length) return short.slice(at) === long.slice(at + 1);
  if (short.slice(at + 1) === long.slice(at + 1)) return true;
  return (
    short[at] === long[at + 1] && short[at + 1] === long[at] && short.slice(at + 2) === long.slice(at + 2)
  );
}

function seenOf(name: string): string {
  return name.replace(WRITTEN_OUT, '').normalize('NFKC').replace(IGNORED, '');
}

function mapped(text: string, to: ReadonlyMap<string, string>): string {
  return Array.from(text, (letter) => to.get(letter) ?? letter).join('');
}

function pairs(table: string): ReadonlyMap<string, string> {
  return new Map(
    table.split(' ').map((pair) => {
      const [from = '', to = ''] = Array.from(pair);
      return [from, to];
    }),
  );
}
