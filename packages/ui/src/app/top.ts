// Another page begins at its top, before anything of it is there: a long list measures itself against where the window
// stands when it comes, and would move it back.
import { useEffect } from 'react';
import { parseRoute } from './router.ts';

export function useTop(): void {
  useEffect(() => {
    let { page } = parseRoute(location.hash);
    const onGo = (): void => {
      const next = parseRoute(location.hash).page;
      if (next === page) return;
      page = next;
      scrollTo(0, 0);
    };
    // Before those who show the page.
    addEventListener('hashchange', onGo, true);
    return () => removeEventListener('hashchange', onGo, true);
  }, []);
}
