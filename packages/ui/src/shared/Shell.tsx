// What both pages share: the mark, a page of one card, a command to copy by hand.
import type { ReactNode } from 'react';
import { strings } from '../strings.ts';
import type { Place } from './place.ts';

export function Mark(): ReactNode {
  return (
    <span className="mark">
      <svg viewBox="0 0 32 32" aria-hidden="true" focusable="false">
        <rect width="32" height="32" rx="9" />
        <path d="M7.5 19.5c2-5.5 4.3-8.5 6-8.5 2.4 0-.8 8.2 1.6 8.2 1.8 0 2.2-3.4 3.9-3.4 1.3 0 .9 2.2 5.5 1.7" />
        <path d="M8 24.5h16" />
      </svg>
      {strings.product}
    </span>
  );
}

export function Sheet({ children }: { readonly children: ReactNode }): ReactNode {
  return (
    <div className="sheet">
      <header>
        <Mark />
      </header>
      <main className="card">{children}</main>
    </div>
  );
}

export function Command({ text }: { readonly text: string }): ReactNode {
  return <code className="command">{text}</code>;
}

export function NotSecure({ place }: { readonly place: Place }): ReactNode {
  const says = strings.notSecure;
  return (
    <Sheet>
      <h1>{says.title}</h1>
      <p>{says.text}</p>
      <p>{place.home === null ? says.noHome : says.home(place.home)}</p>
    </Sheet>
  );
}

export function Broken({ error }: { readonly error: unknown }): ReactNode {
  return (
    <Sheet>
      <h1>{strings.broken.title}</h1>
      <p>{strings.broken.text}</p>
      <Command text={error instanceof Error ? error.message : String(error)} />
    </Sheet>
  );
}

/** At an IP the page works, and says where its home is. */
export function Elsewhere({ home }: { readonly home: string }): ReactNode {
  return (
    <p className="elsewhere">
      {strings.elsewhere.text} <a href={home}>{home}</a>. {strings.elsewhere.reason}
    </p>
  );
}
