// `/` once the gateway has an owner: the sign-in page, or the house of whoever is signed in. Which of both, the socket says.
import { lazy, type ReactNode, Suspense, useEffect } from 'react';
import { Sheet } from '../shared/Shell.tsx';
import { house } from '../strings-house.ts';
import { Login } from '../views/Login.tsx';
import { useHouse, useSession } from './context.ts';

const says = house.home;
// What a stranger at the door does not load.
const App = lazy(async () => ({ default: (await import('../app/App.tsx')).App }));

export function House(): ReactNode {
  const { session } = useHouse();
  const state = useSession(session);
  useEffect(() => session.start(), [session]);
  switch (state.is) {
    case 'connecting':
    case 'offline':
      return <Wait>{state.is === 'offline' ? says.offline : says.loading}</Wait>;
    case 'out':
      return <Login refused={state.refused} ended={state.ended} />;
    case 'in':
      return (
        <Suspense fallback={<Wait>{says.loading}</Wait>}>
          <App />
        </Suspense>
      );
    default:
      return state satisfies never;
  }
}

function Wait({ children }: { readonly children: string }): ReactNode {
  return (
    <Sheet>
      <p className="quiet" role="status">
        {children}
      </p>
    </Sheet>
  );
}
