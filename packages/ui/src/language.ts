// Which language this browser wants, of those there are. The choice of the person stands before the browser's.
import { recall } from './shared/memory.ts';

export const LANGUAGES = ['en', 'de'] as const;
export type Language = (typeof LANGUAGES)[number];

export function languageOf(chosen: string | null, wanted: readonly string[]): Language {
  for (const one of [chosen, ...wanted]) {
    const known = LANGUAGES.find((language) => one?.toLowerCase().split('-')[0] === language);
    if (known !== undefined) return known;
  }
  return 'en';
}

export function ownLanguage(): Language {
  return languageOf(recall('language'), navigator.languages);
}
