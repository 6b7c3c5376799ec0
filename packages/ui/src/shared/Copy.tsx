// A button that copies, and says so for a moment.
import { type ReactNode, useEffect, useState } from 'react';
import { strings } from '../strings.ts';

const SHOWN_MS = 3000;

export function Copy({ text, label }: { readonly text: string; readonly label: string }): ReactNode {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [copied]);
  const copy = (): void => {
    navigator.clipboard.writeText(text).then(
      () => setCopied(true),
      () => setCopied(false),
    );
  };
  return (
    <button type="button" className="plain" onClick={copy}>
      <span aria-live="polite">{copied ? strings.copied : label}</span>
    </button>
  );
}
