// The log. It follows the conversation only while the reader is at its end; a screen reader hears additions, and a
// streamed answer once, when it is whole.
import { type ReactNode, useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react';
import { strings } from '../strings.ts';
import { entriesOf } from './entries.ts';
import { Message } from './Message.tsx';
import type { Outgoing } from './outbox.ts';
import type { ChatState } from './state.ts';

interface LogProps {
  readonly state: ChatState;
  readonly onSendNow: (item: Outgoing) => void;
  readonly onTakeBack: (item: Outgoing) => void;
  readonly onRemove: (item: Outgoing) => void;
}

/** Closer to the end than this, in pixels, counts as being there. */
const AT_END = 48;

export function Log({ state, ...actions }: LogProps): ReactNode {
  const entries = entriesOf(state);
  const scroller = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const follows = useRef(true);
  const [below, setBelow] = useState(false);

  const toEnd = useCallback(() => {
    const box = scroller.current;
    if (box !== null) box.scrollTop = box.scrollHeight;
    follows.current = true;
    setBelow(false);
  }, []);

  const scrolled = (): void => {
    const box = scroller.current;
    if (box === null) return;
    follows.current = box.scrollHeight - box.scrollTop - box.clientHeight < AT_END;
    if (follows.current) setBelow(false);
  };

  useLayoutEffect(() => {
    if (content.current === null || scroller.current === null) return;
    const watch = new ResizeObserver(() => follows.current && toEnd());
    watch.observe(content.current);
    watch.observe(scroller.current);
    return () => watch.disconnect();
  }, [toEnd]);

  // What we write ourselves is always shown; what others write only calls.
  const last = entries.at(-1);
  const lastKey = last?.key;
  const lastIsOurs = last?.outgoing?.fate === 'waiting';
  useEffect(() => {
    if (lastKey === undefined) return;
    if (lastIsOurs || follows.current) toEnd();
    else setBelow(true);
  }, [lastKey, lastIsOurs, toEnd]);

  const growing = entries.some((entry) => entry.growing);
  return (
    <div className="log-frame">
      <div
        ref={scroller}
        className="log"
        role="log"
        aria-live="polite"
        aria-relevant="additions"
        aria-label={strings.chat.log}
        data-testid="chat-log"
        // Scrolled by keyboard as well.
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable without a mouse
        tabIndex={0}
        onScroll={scrolled}
      >
        <div ref={content} className="column">
          {entries.length === 0 && <Nothing state={state} />}
          {entries.map((entry) => (
            <Message
              key={entry.key}
              entry={entry}
              offline={state.link.is !== 'online'}
              paired={state.person.state === 'paired'}
              {...actions}
            />
          ))}
          {!growing && isAnswering(state) && (
            <p className="writing" aria-hidden="true">
              <span /> <span /> <span />
            </p>
          )}
        </div>
      </div>
      {below && (
        <button type="button" className="below" onClick={toEnd}>
          {strings.chat.message.newBelow}
        </button>
      )}
      <p className="hidden" role="status">
        {growing ? strings.chat.message.writing : (state.finished?.text ?? '')}
      </p>
    </div>
  );
}

/** The agent has the floor: the last line is ours and was passed on. */
function isAnswering({ lines, person, link }: ChatState): boolean {
  return link.is === 'online' && person.state === 'paired' && lines.at(-1)?.from === 'you';
}

function Nothing({ state: { introduced, person } }: { readonly state: ChatState }): ReactNode {
  if (!introduced) return null;
  const { unknown, paired, other } = strings.chat.empty;
  const says = person.state === 'unknown' ? unknown : person.state === 'paired' ? paired : other;
  return (
    <div className="nothing">
      <h2>{says.title}</h2>
      <p>{says.text}</p>
    </div>
  );
}
