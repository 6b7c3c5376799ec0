// Ten codes, shown once. They leave this page only by the person's own hand: copied, printed or saved.
import { visible } from '@countersign/protocol/display';
import { type ReactNode, useEffect, useRef } from 'react';
import { useGuarded } from '../house/guarded.tsx';
import { Copy } from '../shared/Copy.tsx';
import { saidOf, Trouble } from '../shared/Trouble.tsx';
import { house } from '../strings-house.ts';

const says = house.factors.recovery;

interface MakeCodesProps {
  readonly label: string;
  readonly isMain?: boolean;
  readonly onCodes: (codes: readonly string[]) => void;
}

export function MakeCodes({ label, isMain = false, onCodes }: MakeCodesProps): ReactNode {
  const guarded = useGuarded();
  const make = async (): Promise<void> => {
    const made = await guarded.run((api) => api.factors.recoveryCodes());
    if (made !== null) onCodes(made.done.codes);
  };
  return (
    <>
      <button
        type="button"
        className={isMain ? 'primary' : 'secondary'}
        data-testid="make-codes"
        disabled={guarded.isBusy}
        onClick={() => void make()}
      >
        {label}
      </button>
      {guarded.ask}
      <Trouble said={guarded.problem && saidOf(guarded.problem)} />
    </>
  );
}

interface RecoveryCodesProps {
  readonly codes: readonly string[];
  readonly onKept: () => void;
}

export function RecoveryCodes({ codes, onKept }: RecoveryCodesProps): ReactNode {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  const text = `${says.heading(location.origin)}\n\n${codes.join('\n')}\n`;
  return (
    <section className="ask" data-print aria-labelledby="recovery-title">
      <h3 id="recovery-title" ref={heading} tabIndex={-1}>
        {says.title}
      </h3>
      <p>{says.text}</p>
      <p className="only-print">{says.heading(location.origin)}</p>
      <ol className="codes" data-testid="recovery-codes">
        {codes.map((code) => (
          <li key={code}>
            <code>{visible(code)}</code>
          </li>
        ))}
      </ol>
      <p className="row no-print">
        <Copy text={text} label={says.copy} />
        <button type="button" className="plain" onClick={() => print()}>
          {says.print}
        </button>
        <button type="button" className="plain" onClick={() => save(text)}>
          {says.download}
        </button>
      </p>
      <button type="button" className="primary no-print" onClick={onKept}>
        {says.kept}
      </button>
    </section>
  );
}

function save(text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/plain' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = says.file;
  link.click();
  // The download has begun by then; the text must not lie around in the page for longer.
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}
