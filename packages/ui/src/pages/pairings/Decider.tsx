// Who decided, and on which way: from the word the log has for it.
import { visible } from '@countersign/protocol/display';
import type { PersonRow } from '@countersign/protocol/identity';
import type { ReactNode } from 'react';
import { useOwnDevice } from '../../app/me.ts';
import { useRead } from '../../app/queries.ts';
import { href } from '../../app/router.ts';
import { PersonLabel } from '../../parts/PersonLabel.tsx';
import { text } from '../../text/say.ts';
import { deciderOf } from './rows.ts';

const says = text.pairings.by;

export function Decider({ by }: { readonly by: string }): ReactNode {
  const decider = deciderOf(by);
  if (decider === null) return <code>{visible(by)}</code>;
  if (decider.kind !== 'person') return says[decider.kind];
  const where =
    decider.where === null
      ? null
      : decider.where === 'device'
        ? says.onDevice
        : decider.channel === null
          ? says.inChatPlain
          : says.inChat(visible(decider.channel));
  return (
    <>
      <Someone id={decider.id} />
      {where !== null && ` ${where}`}
    </>
  );
}

/** A person as a link, with their name once it is known. */
export function Someone({ id }: { readonly id: string }): ReactNode {
  const own = useOwnDevice()?.person;
  const shown = useRead<PersonRow>('people', ['one', id], (api) => api.people.show(id));
  if (own === id) return <a href={href('people', { open: id })}>{says.you}</a>;
  return (
    <a href={href('people', { open: id })}>
      <PersonLabel id={id} name={shown.value?.name ?? null} />
    </a>
  );
}
