// Entry of `/chat`: the language first, then the page, which keeps the sentences it finds.
import { ownLanguage } from '../language.ts';

const language = ownLanguage();
document.documentElement.lang = language;
const element = document.getElementById('root');
if (element !== null) void begin(element);

async function begin(root: HTMLElement): Promise<void> {
  if (language === 'de') {
    const [{ speakStrings }, { german }] = await Promise.all([
      import('../strings.ts'),
      import('../text/de/strings.ts'),
    ]);
    speakStrings(german);
  }
  const { start } = await import('./start.tsx');
  start(root);
}
