// The house around every page: where one can go and what waits there, whether the gateway is heard, the keys.
import { AppShell, Badge, Burger, Group, NavLink, ScrollArea, Text, UnstyledButton } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { type ReactNode, Suspense, useMemo } from 'react';
import { useHouse, useSession } from '../house/context.ts';
import { Icon } from '../parts/Icon.tsx';
import { Empty, Loading } from '../parts/States.tsx';
import { Elsewhere, Mark } from '../shared/Shell.tsx';
import { text } from '../text/say.ts';
import { Boundary } from './Boundary.tsx';
import { Elevated } from './Elevated.tsx';
import { Help } from './Help.tsx';
import { useKeys } from './keys.ts';
import { Limited } from './Limited.tsx';
import { Me } from './Me.tsx';
import { PAGES, type PageEntry, type PageId, pageOf } from './pages.ts';
import { go, href, useRoute } from './router.ts';
import { useTop } from './top.ts';
import { useWaiting } from './waiting.ts';

const says = text.shell;

export function Frame(): ReactNode {
  const { session, place } = useHouse();
  const state = useSession(session);
  const { page } = useRoute();
  const current = pageOf(page);
  const [isMenuOpen, menu] = useDisclosure(false);
  const [isHelpOpen, help] = useDisclosure(false);
  const keys = useMemo(
    () => ({
      goes: Object.fromEntries(PAGES.map(({ id, key }) => [key, () => go(id)])),
      help: help.open,
    }),
    [help.open],
  );
  useKeys(keys);
  useTop();
  const isOnline = state.is === 'in' && state.isOnline;
  return (
    <AppShell
      header={{ height: 56 }}
      navbar={{ width: 232, breakpoint: 'sm', collapsed: { mobile: !isMenuOpen } }}
      padding={{ base: 'md', sm: 'xl' }}
      className="frame"
    >
      <button type="button" className="skip-link" onClick={() => document.getElementById('main')?.focus()}>
        {says.skip}
      </button>
      <AppShell.Header px="md">
        <Group h="100%" justify="space-between" wrap="nowrap">
          <Group gap="sm" wrap="nowrap">
            <Burger
              opened={isMenuOpen}
              onClick={menu.toggle}
              hiddenFrom="sm"
              size="sm"
              aria-label={isMenuOpen ? says.closeMenu : says.menu}
              aria-expanded={isMenuOpen}
            />
            <UnstyledButton component="a" href={href('overview')} className="brand">
              <Mark />
            </UnstyledButton>
          </Group>
          <UnstyledButton onClick={help.open} className="help" aria-label={says.help} data-testid="help">
            <Icon name="help" />
          </UnstyledButton>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="sm" aria-label={says.nav}>
        <AppShell.Section grow component={ScrollArea}>
          <Places current={current?.id ?? null} onGo={menu.close} />
        </AppShell.Section>
        <AppShell.Section>
          <Me />
          <NavLink href="/chat" label={says.chat} leftSection={<Icon name="out" />} />
        </AppShell.Section>
      </AppShell.Navbar>
      <AppShell.Main id="main" tabIndex={-1}>
        <div className="page">
          <Text role="status" className="offline" data-testid="offline">
            {isOnline ? '' : says.offline}
          </Text>
          {place.home !== null && <Elsewhere home={place.home} />}
          <Limited />
          <Elevated />
          <View current={current} />
        </div>
      </AppShell.Main>
      <Help isOpen={isHelpOpen} onClose={help.close} />
    </AppShell>
  );
}

function View({ current }: { readonly current: PageEntry | null }): ReactNode {
  if (current === null)
    return (
      <Empty title={says.unknownPage} icon="warn" action={<a href={href('overview')}>{says.toOverview}</a>} />
    );
  return (
    <Boundary key={current.id}>
      <Suspense fallback={<Loading />}>
        <current.View />
      </Suspense>
    </Boundary>
  );
}

interface PlacesProps {
  readonly current: PageId | null;
  readonly onGo: () => void;
}

function Places({ current, onGo }: PlacesProps): ReactNode {
  const waiting = useWaiting();
  return PAGES.map(({ id, icon, key }) => {
    const count = waiting[id] ?? 0;
    return (
      <NavLink
        key={id}
        href={href(id)}
        label={says.pages[id]}
        active={id === current}
        aria-current={id === current ? 'page' : undefined}
        aria-keyshortcuts={`g ${key}`}
        leftSection={<Icon name={icon} />}
        rightSection={
          count === 0 ? null : (
            <Badge
              size="sm"
              circle={count < 10}
              aria-label={says.waiting(count)}
              data-testid={`waiting-${id}`}
            >
              {count > 99 ? '99+' : count}
            </Badge>
          )
        }
        onClick={onGo}
      />
    );
  });
}
