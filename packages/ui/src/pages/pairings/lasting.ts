// For how long a yes lasts, as a person chooses it and as the API takes it. No choice is "until revoked" by accident.

export const LASTING = ['forever', 'day', 'week', 'month', 'custom'] as const;
export type Lasting = (typeof LASTING)[number];
export const UNITS = ['minutes', 'hours', 'days'] as const;
export type Unit = (typeof UNITS)[number];

export interface Choice {
  readonly lasting: Lasting;
  /** As typed; of `custom` only. */
  readonly count: string;
  readonly unit: Unit;
}

const FIXED = { day: '1d', week: '7d', month: '30d' } as const;
const LETTER = { minutes: 'm', hours: 'h', days: 'd' } as const;
/** A hundred years: the API takes no more. */
const MOST_DAYS = 36_500;
const PER_DAY = { minutes: 1_440, hours: 24, days: 1 } as const;

/** What to send; `until revoked` sends nothing; null: what was typed is no time. */
export function durationOf({ lasting, count, unit }: Choice): { readonly for?: string } | null {
  if (lasting === 'forever') return {};
  if (lasting !== 'custom') return { for: FIXED[lasting] };
  const typed = count.trim();
  if (!/^[1-9]\d{0,5}$/.test(typed) || Number(typed) > MOST_DAYS * PER_DAY[unit]) return null;
  return { for: `${typed}${LETTER[unit]}` };
}

export function isLasting(text: string): text is Lasting {
  return LASTING.some((one) => one === text);
}

export function isUnit(text: string): text is Unit {
  return UNITS.some((one) => one === text);
}
