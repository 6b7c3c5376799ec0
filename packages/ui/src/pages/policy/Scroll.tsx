// A table that may be wider than the window: it scrolls by itself, and by the keyboard.
import type { ReactNode } from 'react';

interface ScrollProps {
  readonly label: string;
  readonly children: ReactNode;
}

export function Scroll({ label, children }: ScrollProps): ReactNode {
  return (
    // biome-ignore lint/a11y/useSemanticElements: it is no set of fields
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard has to reach it
    <div className="policy-scroll" role="group" tabIndex={0} aria-label={label}>
      {children}
    </div>
  );
}
