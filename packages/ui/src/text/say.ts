// The sentences in use. English until another language has been loaded, which happens before any page is: pages may keep
// what they read from here.
import { english } from './en.ts';

export type Text = Worded<typeof english>;
/** The same shape in any words: a sentence that is one of two in English is one of two others elsewhere. */
type Worded<Said> = Said extends string
  ? string
  : Said extends (...about: infer About) => string
    ? (...about: About) => string
    : { [Name in keyof Said]: Worded<Said[Name]> };

export let text: Text = english;
export let language = 'en';

export function speak(other: Text, code: string): void {
  text = other;
  language = code;
}
