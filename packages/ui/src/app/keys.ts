// The keys that work everywhere: `?` for help, `g` and a letter for a page, `/` for the search of a list. What is typed
// into a field is never a command, and nothing here decides anything.
import { useEffect } from 'react';

const CHORD_MS = 1_500;

export interface KeyMap {
  /** After `g`. */
  readonly goes: Readonly<Record<string, () => void>>;
  help(): void;
}

interface Pressed {
  readonly key: string;
  readonly altKey: boolean;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly target: EventTarget | null;
}

/** What a key means now; `chord` is true after a `g`. Pure but for the place it looks at. */
export function meaningOf(
  pressed: Pressed,
  chord: boolean,
  letters: ReadonlySet<string>,
): { readonly does: 'help' | 'chord' | 'search' | 'nothing' } | { readonly does: 'go'; readonly to: string } {
  if (pressed.altKey || pressed.ctrlKey || pressed.metaKey || isField(pressed.target))
    return { does: 'nothing' };
  if (chord && letters.has(pressed.key)) return { does: 'go', to: pressed.key };
  if (pressed.key === '?') return { does: 'help' };
  if (pressed.key === '/') return { does: 'search' };
  return { does: pressed.key === 'g' ? 'chord' : 'nothing' };
}

export function useKeys(map: KeyMap): void {
  useEffect(() => {
    const letters = new Set(Object.keys(map.goes));
    let chordUntil = 0;
    const onKey = (event: KeyboardEvent): void => {
      // A dialog has the keys to itself.
      if (document.querySelector('[role="dialog"]') !== null) return;
      const meaning = meaningOf(event, event.timeStamp < chordUntil, letters);
      chordUntil = 0;
      switch (meaning.does) {
        case 'nothing':
          return;
        case 'chord':
          chordUntil = event.timeStamp + CHORD_MS;
          return;
        case 'help':
          event.preventDefault();
          map.help();
          return;
        case 'search': {
          const field = document.querySelector<HTMLInputElement>('main [data-search]');
          if (field === null) return;
          event.preventDefault();
          field.focus();
          return;
        }
        case 'go':
          event.preventDefault();
          map.goes[meaning.to]?.();
          return;
        default:
          meaning satisfies never;
      }
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, [map]);
}

function isField(target: EventTarget | null): boolean {
  if (target === null || !(target instanceof Element)) return false;
  return target.closest('input, textarea, select, [contenteditable]') !== null;
}
