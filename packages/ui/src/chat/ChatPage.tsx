// The chat page: a header that says how things stand, the log, what the person has to know or do, the composer.

import { quotedName } from '@countersign/protocol/display';
import {
  type KeyboardEvent,
  type ReactNode,
  useCallback,
  useEffect,
  useRef,
  useState,
  useSyncExternalStore,
} from 'react';
import type { DeviceKey } from '../device-key.ts';
import { recall, remember } from '../shared/memory.ts';
import type { Place } from '../shared/place.ts';
import { Rich } from '../shared/Rich.tsx';
import { Elsewhere, Mark } from '../shared/Shell.tsx';
import { strings } from '../strings.ts';
import { Composer, type ComposerHandle } from './Composer.tsx';
import type { Conversation } from './conversation.ts';
import { Log } from './Log.tsx';
import { NamePrompt } from './NamePrompt.tsx';
import { PairingPanel } from './PairingPanel.tsx';
import type { ChatState } from './state.ts';

interface ChatPageProps {
  readonly conversation: Conversation;
  readonly deviceKey: DeviceKey;
  readonly place: Place;
  readonly keyLost: boolean;
}

export function ChatPage({ conversation, deviceKey, place, keyLost }: ChatPageProps): ReactNode {
  const state = useSyncExternalStore(
    useCallback((changed) => conversation.watch(changed), [conversation]),
    () => conversation.state,
  );
  const composer = useRef<ComposerHandle>(null);
  const [askName, setAskName] = useState(() => recall('name-asked') === null);
  const [lostSeen, setLostSeen] = useState(false);
  const forgotten = useForgotten(state, deviceKey);

  const named = (name: string): void => {
    remember('name-asked', 'yes');
    setAskName(false);
    if (name !== '') {
      remember('name', name);
      conversation.reconnect();
    }
    composer.current?.focus();
  };
  // A request, once made, is never changed: the name is asked before the first message or not at all.
  const mayAsk =
    askName && state.introduced && state.person.state === 'unknown' && state.outgoing.length === 0;

  return (
    <div className="chat">
      <header>
        <Mark />
        <Status state={state} />
        <About state={state} deviceKey={deviceKey} />
      </header>
      <main>
        {place.home !== null && <Elsewhere home={place.home} />}
        <h1 className="hidden">{strings.chat.log}</h1>
        <Log
          state={state}
          onSendNow={(item) => {
            conversation.dismiss(item.id);
            conversation.say(item.text);
          }}
          onTakeBack={(item) => {
            conversation.dismiss(item.id);
            composer.current?.putBack(item.text);
          }}
          onRemove={(item) => conversation.dismiss(item.id)}
        />
        <div className="column notices">
          {keyLost && !lostSeen && (
            <Notice text={strings.chat.keyLost} onUnderstood={() => setLostSeen(true)} />
          )}
          {deviceKey.kept === 'window' && <Notice text={strings.chat.keptInWindow} />}
          {forgotten && <Notice text={strings.chat.forgotten} />}
          {state.link.is === 'refused' && state.link.hint !== '' && <Notice text={state.link.hint} />}
          <PairingPanel person={state.person} peer={deviceKey.peer} now={() => conversation.now()} />
          {mayAsk && <NamePrompt onDone={named} />}
        </div>
        <Composer
          ref={composer}
          online={state.link.is !== 'offline'}
          onSay={(text) => conversation.say(text)}
        />
      </main>
    </div>
  );
}

/** True when the gateway greets a browser as new that it once let in. */
function useForgotten({ introduced, person, forgotten }: ChatState, { device }: DeviceKey): boolean {
  const [wasPaired, setWasPaired] = useState(() => recall(`paired.${device}`) !== null);
  useEffect(() => {
    if (person.state !== 'paired') return;
    remember(`paired.${device}`, 'yes');
    setWasPaired(true);
  }, [person.state, device]);
  return introduced && (wasPaired || forgotten) && person.state === 'unknown';
}

function Status({ state }: { readonly state: ChatState }): ReactNode {
  const { link, person, introduced } = state;
  const is = link.is === 'online' && (!introduced || person.state === 'paired') ? 'paired' : link.is;
  return (
    <p className="status" role="status" data-is={is}>
      <span className="dot" aria-hidden="true" />
      {strings.chat.link[is]}
    </p>
  );
}

function About({
  state,
  deviceKey,
}: {
  readonly state: ChatState;
  readonly deviceKey: DeviceKey;
}): ReactNode {
  const name = state.person.name ?? recall('name') ?? '';
  return (
    <details className="about" onKeyDown={closeOnEscape}>
      <summary aria-label={strings.chat.about} title={strings.chat.about}>
        <span aria-hidden="true">?</span>
      </summary>
      <div>
        <p>{strings.chat.aboutId}</p>
        <code>{deviceKey.peer}</code>
        {name !== '' && (
          <p>
            {strings.chat.aboutName} {quotedName(name)}.
          </p>
        )}
        <p>{strings.chat.aboutKey}</p>
      </div>
    </details>
  );
}

function closeOnEscape({ key, currentTarget }: KeyboardEvent<HTMLDetailsElement>): void {
  if (key === 'Escape') currentTarget.open = false;
}

interface NoticeProps {
  readonly text: string;
  readonly onUnderstood?: () => void;
}

function Notice({ text, onUnderstood }: NoticeProps): ReactNode {
  return (
    <div className="notice" role="status">
      <p>
        <Rich text={text} />
      </p>
      {onUnderstood !== undefined && (
        <button type="button" className="plain" onClick={onUnderstood}>
          {strings.chat.understood}
        </button>
      )}
    </div>
  );
}
