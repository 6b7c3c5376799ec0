// Asks once for a name. It is a claim, never an identity: the gateway shows it quoted, after the id.
import { type ReactNode, type SubmitEvent, useState } from 'react';
import { graphemes } from '../shared/text.ts';
import { strings } from '../strings.ts';

const MAX_NAME = 64;
const says = strings.chat.name;

export function NamePrompt({ onDone }: { readonly onDone: (name: string) => void }): ReactNode {
  const [typed, setTyped] = useState('');
  const tooLong = graphemes(typed.trim()) > MAX_NAME;
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    if (!tooLong) onDone(typed.toWellFormed().trim());
  };
  return (
    <form className="name-prompt" onSubmit={submit} noValidate>
      <label htmlFor="chat-name">{says.label}</label>
      <div className="row">
        <input
          id="chat-name"
          autoComplete="name"
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
          aria-describedby="chat-name-help"
          aria-invalid={tooLong}
        />
        <button type="submit" className="secondary" disabled={typed.trim() === '' || tooLong}>
          {says.save}
        </button>
        <button type="button" className="plain" onClick={() => onDone('')}>
          {says.skip}
        </button>
      </div>
      <p id="chat-name-help" className={tooLong ? 'fault' : 'quiet'}>
        {tooLong ? says.tooLong(MAX_NAME) : says.help}
      </p>
    </form>
  );
}
