// Entry of `/`. Before anything else: no text becomes markup from here on, and the secret of a claim link leaves the
// address. Then the language, and only then the pages: they keep the sentences they find.
import './app/policy.ts';
import { secretOf } from './claim/claim.ts';
import { ownLanguage } from './language.ts';

const secret = secretOf(location.hash);
if (location.hash !== '' && !location.hash.startsWith('#/'))
  history.replaceState(null, '', location.pathname + location.search);

const language = ownLanguage();
document.documentElement.lang = language;
const element = document.getElementById('root');
if (element !== null) void begin(element);

async function begin(root: HTMLElement): Promise<void> {
  if (language === 'de') {
    const { speakGerman } = await import('./text/german.ts');
    speakGerman();
  }
  const { start } = await import('./start.tsx');
  start(root, secret);
}
