// Where the person writes. It works without a connection, and refuses what is too long before anything is sent.
import {
  type KeyboardEvent,
  type ReactNode,
  type Ref,
  type SubmitEvent,
  useImperativeHandle,
  useRef,
  useState,
} from 'react';
import { strings } from '../strings.ts';
import { MAX_TEXT, type Said } from './conversation.ts';

export interface ComposerHandle {
  focus(): void;
  /** Puts a message that was not taken back in front of what is being written. */
  putBack(text: string): void;
}

interface ComposerProps {
  readonly ref: Ref<ComposerHandle>;
  readonly online: boolean;
  readonly onSay: (text: string) => Said;
}

/** From here on the counter is shown. */
const NEARLY = MAX_TEXT - 1000;
const says = strings.chat.composer;

export function Composer({ ref, online, onSay }: ComposerProps): ReactNode {
  const [typed, setTyped] = useState('');
  const [full, setFull] = useState(false);
  const box = useRef<HTMLTextAreaElement>(null);
  useImperativeHandle(ref, () => ({
    focus: () => box.current?.focus(),
    putBack: (text) => {
      setTyped((now) => (now === '' ? text : `${text}\n${now}`));
      box.current?.focus();
    },
  }));

  const over = typed.length - MAX_TEXT;
  const send = (): void => {
    const said = onSay(typed);
    setFull(said === 'too_many');
    if (said === 'said') setTyped('');
    box.current?.focus();
  };
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    send();
  };
  const pressed = (event: KeyboardEvent): void => {
    // Enter that ends an input method's composition belongs to the input method.
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    send();
  };

  return (
    <form className="composer column" onSubmit={submit}>
      <div className="box">
        <label className="hidden" htmlFor="chat-input">
          {says.label}
        </label>
        <textarea
          ref={box}
          id="chat-input"
          data-testid="chat-input"
          rows={Math.min(8, typed.split('\n').length)}
          placeholder={says.placeholder}
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
          onKeyDown={pressed}
          aria-describedby="chat-help"
          aria-invalid={over > 0}
          enterKeyHint="send"
        />
        <button type="submit" className="primary" data-testid="chat-send" aria-disabled={over > 0}>
          <span>{says.send}</span>
          <svg viewBox="0 0 20 20" aria-hidden="true" focusable="false">
            <path d="M10 16V4.5M4.5 10 10 4.5l5.5 5.5" />
          </svg>
        </button>
      </div>
      <div id="chat-help" className="help">
        <p role="status">{fault(online, full, over)}</p>
        {over <= 0 && <p>{typed.length >= NEARLY ? says.left(-over) : online && says.help}</p>}
      </div>
    </form>
  );
}

function fault(online: boolean, full: boolean, over: number): ReactNode {
  if (over > 0) return <strong className="fault">{says.tooLong(over)}</strong>;
  if (full) return <strong className="fault">{says.tooMany}</strong>;
  return online ? null : <strong>{says.offline}</strong>;
}
