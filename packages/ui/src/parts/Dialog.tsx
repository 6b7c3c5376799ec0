// A dialog as every one of ours is. When it ends, the focus goes back to what it was opened from, or, when that is gone
// with the decision, to the list it stood in: never to the top of the page, where a keyboard would have to begin again.
import { Modal, type ModalProps } from '@mantine/core';
import { type ReactNode, useEffect, useState } from 'react';
import { text } from '../text/say.ts';

export function Dialog({ children, ...props }: ModalProps): ReactNode {
  return (
    <Modal radius="lg" closeButtonProps={{ 'aria-label': text.shell.close }} {...props}>
      <FocusBack />
      {children}
    </Modal>
  );
}

/** Mantine gives the focus back only to dialogs that were there closed before; most of ours come with their opening. */
export function FocusBack(): ReactNode {
  const [from] = useState(openedFrom);
  const [list] = useState(() => from?.closest('ul') ?? null);
  useEffect(
    () => () => {
      // After everything else that may have taken it: another dialog, a page that was gone to.
      setTimeout(() => {
        if (document.querySelector('[role="dialog"]') !== null) return;
        latest = null;
        if (document.activeElement !== null && document.activeElement !== document.body) return;
        const back = [from, list?.querySelector('li[tabindex="0"]'), document.getElementById('main')].find(
          (one) => one instanceof HTMLElement && one !== document.body && one.isConnected,
        );
        if (back instanceof HTMLElement) back.focus({ preventScroll: true });
      });
    },
    [from, list],
  );
  return null;
}

/** Where the dialog that is open, or was a moment ago, was opened from. */
let latest: Element | null = null;

/** A dialog that takes the place of another gives back to where that one was opened. */
function openedFrom(): Element | null {
  const active = document.activeElement;
  const isOutside = active !== null && active !== document.body && active.closest('[role="dialog"]') === null;
  if (isOutside) latest = active;
  return latest;
}
