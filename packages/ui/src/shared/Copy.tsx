// A button that copies, and says so for a moment.
import { type ReactNode, useEffect, useState } from 'react';
import { strings } from '../strings.ts';

const SHOWN_MS = 3000;

interface CopyProps {
  readonly text: string;
  readonly label: string;
  /** Where there are several: which one, for who does not see what stands beside it. */
  readonly of?: string;
}

export function Copy({ text, label, of }: CopyProps): ReactNode {
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
      {of !== undefined && <span className="hidden"> {of}</span>}
    </button>
  );
}
