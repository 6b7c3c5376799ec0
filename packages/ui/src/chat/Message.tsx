// One message of the log, and what became of it. An answer grows smoothly, however unevenly its pieces arrive.
import { memo, type ReactNode, useEffect, useState } from 'react';
import { Rich } from '../shared/Rich.tsx';
import { strings } from '../strings.ts';
import type { Entry } from './entries.ts';
import type { Outgoing } from './outbox.ts';

interface MessageProps {
  readonly entry: Entry;
  readonly offline: boolean;
  readonly paired: boolean;
  readonly onSendNow: (item: Outgoing) => void;
  readonly onTakeBack: (item: Outgoing) => void;
  readonly onRemove: (item: Outgoing) => void;
}

const says = strings.chat.message;

export const Message = memo(
  function Message(props: MessageProps): ReactNode {
    const { entry, offline } = props;
    const text = useGrowing(entry.text, entry.growing);
    return (
      <article
        className="message"
        data-from={entry.from}
        data-fate={entry.outgoing?.fate}
        data-growing={entry.growing || undefined}
        // Pieces are not read aloud one by one; the log's status says the whole answer when it is there.
        aria-live={entry.growing ? 'off' : undefined}
      >
        <p className={entry.from === 'gateway' ? 'who' : 'hidden'}>{says.from[entry.from]}</p>
        <div className="words">
          <Rich text={text} />
        </div>
        {entry.outgoing !== null && <Fate {...props} item={entry.outgoing} offline={offline} />}
      </article>
    );
  },
  (before, after) =>
    before.entry.text === after.entry.text &&
    before.entry.growing === after.entry.growing &&
    before.entry.outgoing === after.entry.outgoing &&
    before.offline === after.offline &&
    before.paired === after.paired,
);

function Fate({
  item,
  offline,
  paired,
  ...actions
}: Omit<MessageProps, 'entry'> & { readonly item: Outgoing }): ReactNode {
  switch (item.fate) {
    case 'waiting':
      return (
        <p className="fate">
          {offline ? says.unsent : says.sending}
          {!offline && item.hint !== undefined && <Rich text={`(${item.hint})`} />}
        </p>
      );
    case 'held':
      return (
        <div className="fate">
          <span>{paired ? says.heldThen : says.held}</span>
          {paired && <Act label={says.sendNow} act={() => actions.onSendNow(item)} />}
          {paired && <Act label={says.remove} act={() => actions.onRemove(item)} />}
        </div>
      );
    case 'taken':
      return <p className="fate">{says.taken}</p>;
    case 'refused':
      return (
        <div className="fate" role="alert">
          <span>
            {says.refused}
            {item.hint !== undefined && (
              <>
                : <Rich text={item.hint} />
              </>
            )}
          </span>
          <Act label={says.takeBack} act={() => actions.onTakeBack(item)} />
          <Act label={says.remove} act={() => actions.onRemove(item)} />
        </div>
      );
    default:
      return item.fate satisfies never;
  }
}

function Act({ label, act }: { readonly label: string; readonly act: () => void }): ReactNode {
  return (
    <button type="button" className="plain" onClick={act}>
      {label}
    </button>
  );
}

/** Shows a growing text at an even pace that never falls far behind. A text that came whole is shown whole. */
function useGrowing(text: string, growing: boolean): string {
  const [shown, setShown] = useState(() => (growing ? 0 : text.length));
  const behind = shown < text.length;
  // biome-ignore lint/correctness/useExhaustiveDependencies: each frame asks for the next one
  useEffect(() => {
    if (!behind) return;
    if (matchMedia('(prefers-reduced-motion: reduce)').matches || document.hidden) {
      setShown(text.length);
      return;
    }
    const frame = requestAnimationFrame(() => {
      setShown((count) => Math.min(text.length, count + Math.max(2, Math.ceil((text.length - count) / 8))));
    });
    return () => cancelAnimationFrame(frame);
  }, [text, behind, shown]);
  return behind ? text.slice(0, wholeCharacter(text, shown)) : text;
}

/** Never ends between the halves of a surrogate pair. */
function wholeCharacter(text: string, end: number): number {
  const unit = text.charCodeAt(end - 1);
  return unit >= 0xd800 && unit <= 0xdbff ? end - 1 : end;
}
