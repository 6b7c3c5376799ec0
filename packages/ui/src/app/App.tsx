// The Control UI, once this browser is in: Mantine, the lists of the gateway, and the events that keep them true.
import { MantineProvider } from '@mantine/core';
import { Notifications, notifications } from '@mantine/notifications';
import { QueryClientProvider } from '@tanstack/react-query';
import { setNonce } from 'get-nonce';
import { type ReactNode, useEffect, useState } from 'react';
import './styles.ts';
import { useHouse } from '../house/context.ts';
import { dropDraft } from '../pages/settings/draft.ts';
import { Frame } from './Frame.tsx';
import { follow } from './live.ts';
import { newQueryClient } from './queries.ts';
import { theme, variables } from './theme.ts';

/** Made anew for each answer of the gateway; what it marks is ours, under the page's Content-Security-Policy. */
function styleNonce(): string {
  return document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? '';
}

// The lock on scrolling behind a dialog brings a style element of its own.
setNonce(styleNonce());

export function App(): ReactNode {
  const { session } = useHouse();
  const [client] = useState(newQueryClient);
  useEffect(
    () =>
      follow({
        session,
        client,
        later: (ms, run) => {
          const timer = setTimeout(run, ms);
          return () => clearTimeout(timer);
        },
      }),
    [session, client],
  );
  // Signed out: what was typed and not saved, and what can be undone, is not for whoever signs in next.
  useEffect(
    () => () => {
      dropDraft();
      notifications.clean();
    },
    [],
  );
  return (
    <MantineProvider
      theme={theme}
      cssVariablesResolver={variables}
      defaultColorScheme="auto"
      getStyleNonce={styleNonce}
    >
      <QueryClientProvider client={client}>
        <Notifications position="bottom-right" />
        <Frame />
      </QueryClientProvider>
    </MantineProvider>
  );
}
