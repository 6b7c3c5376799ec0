// `/` once the gateway has an owner: the sign-in page, or the house of whoever is signed in. Which of both, the socket says.
import { visible } from '@countersign/protocol/display';
import { type ReactNode, useEffect, useState } from 'react';
import { Elsewhere, Mark, Sheet } from '../shared/Shell.tsx';
import { saidOf, Trouble } from '../shared/Trouble.tsx';
import { house } from '../strings-house.ts';
import { Login } from '../views/Login.tsx';
import { useHouse, useSession } from './context.ts';
import { Devices } from './Devices.tsx';
import { Factors } from './Factors.tsx';
import { Here } from './Here.tsx';
import { Pending } from './Pending.tsx';
import { canManage, ownRow, sorted } from './rights.ts';
import { useResource } from './use-resource.ts';

const says = house.home;

export function House(): ReactNode {
  const { session } = useHouse();
  const state = useSession(session);
  useEffect(() => session.start(), [session]);
  switch (state.is) {
    case 'connecting':
    case 'offline':
      return (
        <Sheet>
          <p className="quiet" role="status">
            {state.is === 'offline' ? says.offline : says.loading}
          </p>
        </Sheet>
      );
    case 'out':
      return <Login refused={state.refused} ended={state.ended} />;
    case 'in':
      return <Home isOnline={state.isOnline} />;
    default:
      return state satisfies never;
  }
}

function Home({ isOnline }: { readonly isOnline: boolean }): ReactNode {
  const { api, session, place } = useHouse();
  const [decided, setDecided] = useState('');
  const devices = useResource(async () => {
    const [live, pending] = await Promise.all([api().devices.list('live'), api().devices.list('pending')]);
    return [...live.items, ...pending.items];
  });
  const factors = useResource(() => api().factors.list());
  const row = ownRow(devices.value ?? [], session.device);
  const mayChange = canManage(row);
  const { others, waiting } = sorted(devices.value ?? [], session.device);
  const changed = (): void => {
    void devices.reload();
    void factors.reload();
  };
  return (
    <div className="house">
      <header>
        <Mark />
        <a href="/chat">{says.chat}</a>
      </header>
      <p className="offline" role="status">
        {isOnline ? '' : says.offline}
      </p>
      <main>
        {place.home !== null && <Elsewhere home={place.home} />}
        <Greeting person={row?.person ?? null} />
        <Trouble said={devices.problem && saidOf(devices.problem)} />
        <p className="hidden" role="status">
          {decided}
        </p>
        {waiting.length > 0 && (
          <Pending
            rows={waiting}
            canApprove={mayChange}
            onDecided={(text) => {
              setDecided(text);
              changed();
            }}
          />
        )}
        {row !== null && <Here row={row} factors={factors.value} onChanged={changed} />}
        <Factors factors={factors} canChange={mayChange} onChanged={changed} />
        {devices.value !== null && <Devices rows={others} canAdd={mayChange} onChanged={changed} />}
      </main>
    </div>
  );
}

function Greeting({ person }: { readonly person: string | null }): ReactNode {
  if (person === null) return <h1>{says.title}</h1>;
  return <Named key={person} person={person} />;
}

function Named({ person }: { readonly person: string }): ReactNode {
  const { api } = useHouse();
  const shown = useResource(() => api().people.show(person));
  const name = shown.value?.name;
  return <h1 data-testid="hello">{name === undefined ? says.title : says.hello(visible(name))}</h1>;
}
