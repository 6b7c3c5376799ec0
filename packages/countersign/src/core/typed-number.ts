// A phone number that somebody typed. H68: a claim like any other text. It says where a person could be asked, and is
// never looked up, matched with anybody known, or believed.

/** E.164 has at most 15 digits; below 8 nothing international is left. */
const LEAST = 8;
const MOST = 15;
const SPAN = 40;

/**
 * The last number in the text, as its digits alone; null when there is none. With a plus or two zeros before it, so that
 * a date, a price or an order's number is none.
 */
export function typedNumber(text: string): string | null {
  let found: string | null = null;
  // The run of characters is bounded, so that no text makes this slow.
  for (const [run = ''] of text.normalize('NFKC').matchAll(/(?:\+|\b00)[\d ()./-]{7,40}/g)) {
    const digits = run.slice(0, SPAN).replaceAll(/\D/g, '').replace(/^00/, '');
    if (digits.length >= LEAST && digits.length <= MOST && !digits.startsWith('0')) found = digits;
  }
  return found;
}

/** The digits of an id that is a phone number in a channel's own form; null for any other id. H08: an id that hides the
 * number (`…@lid`) may hold digits, and they are nobody's number. */
export function numberOf(native: string): string | null {
  const [, digits] = /^(?:whatsapp:)?\+?(\d{8,15})(?:@s\.whatsapp\.net)?$/.exec(native) ?? [];
  return digits ?? null;
}
