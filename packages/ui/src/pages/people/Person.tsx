// One person, whole. What is asked here is decided in dialogs; a question for a proof that comes with an undo is shown on
// the page itself.
import { visible } from '@countersign/protocol/display';
import type { PersonRow } from '@countersign/protocol/identity';
import { Alert, Button, Code, Group, Text } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useAct } from '../../app/act.ts';
import { useMay, useOwnDevice } from '../../app/me.ts';
import { useRead } from '../../app/queries.ts';
import { go, href, useParam } from '../../app/router.ts';
import { Facts } from '../../parts/Facts.tsx';
import { Page } from '../../parts/Page.tsx';
import { Panel } from '../../parts/Panel.tsx';
import { Empty, Failed, Loading } from '../../parts/States.tsx';
import { Claim } from '../../parts/Who.tsx';
import { When } from '../../shared/When.tsx';
import { text } from '../../text/say.ts';
import { ChangeRole } from './ChangeRole.tsx';
import { Chats } from './Chats.tsx';
import { Forget } from './Forget.tsx';
import { LinkChat } from './LinkChat.tsx';
import { Rename } from './Rename.tsx';
import { Stop } from './Stop.tsx';
import { Unlink } from './Unlink.tsx';

const says = text.people.one;
type Peer = PersonRow['peers'][number];
type Asks =
  | { readonly what: 'rename' | 'role' | 'suspend' | 'block' | 'forget' }
  | { readonly what: 'link'; readonly peer: string; readonly own: Peer | null }
  | { readonly what: 'unlink'; readonly peer: Peer };

export function Person({ id }: { readonly id: string }): ReactNode {
  const shown = useRead('people', ['one', id], (api) => api.people.show(id));
  const back = <a href={href('people')}>{says.back}</a>;
  if (shown.value !== null) return <Known person={shown.value} back={back} />;
  return (
    <Page title={says.title} actions={back}>
      {shown.problem === null ? (
        <Loading />
      ) : shown.problem.code === 'not_found' ? (
        <Empty title={says.missing} icon="people" action={back}>
          {says.missingHint}
        </Empty>
      ) : (
        <Failed problem={shown.problem} again={shown.again} />
      )}
    </Page>
  );
}

interface KnownProps {
  readonly person: PersonRow;
  readonly back: ReactNode;
}

function Known({ person, back }: KnownProps): ReactNode {
  const mayChange = useMay()('manage');
  const own = useOwnDevice()?.person;
  const acting = useAct();
  const [linked, setLinked] = useParam('link');
  const [asks, setAsks] = useState<Asks | null>(
    linked === null ? null : { what: 'link', peer: linked, own: null },
  );
  const { id, name, role, state } = person;
  const close = (): void => {
    setAsks(null);
    if (linked !== null) setLinked(null);
    acting.callOff();
  };
  const dialog = { person, acting, onClose: close };
  const resume = (verb: 'resume' | 'unblock'): void => {
    const words = text.people.stop;
    const shown = visible(name);
    void acting.act({
      work: (api) => api.people[verb](id),
      changes: ['people'],
      said: () => (verb === 'resume' ? words.resumed(shown) : words.unblocked(shown)),
      undo: () =>
        verb === 'resume'
          ? { work: (api) => api.people.suspend(id), said: words.suspended(shown) }
          : { work: (api) => api.people.block(id), said: words.blocked(shown) },
    });
  };
  return (
    <Page title={says.title} actions={back}>
      {!mayChange && <Alert color="gray">{text.people.readOnly}</Alert>}
      {asks === null && acting.ask}
      {asks === null && acting.problem !== null && <Failed problem={acting.problem} />}
      <Panel title={says.about} testId="person">
        <Facts
          facts={[
            [says.id, <Code key="id">{id}</Code>],
            [says.name, <Claim key="name" claim={name} />],
            [
              says.role,
              <span key="role">
                {text.people.role[role]}
                <Quiet>{text.people.roleMeans[role]}</Quiet>
              </span>,
            ],
            [
              says.state,
              <span key="state">
                {text.people.state[state]}
                <Quiet>{text.people.stateMeans[state]}</Quiet>
              </span>,
            ],
            [says.since, <When key="since" at={person.createdAt} />],
          ]}
        />
        {own === id && <Text size="sm">{says.you}</Text>}
        <nav className="person-links" aria-label={says.title}>
          <a href={href('sessions', { person: id })}>{says.sessions}</a>
          <a href={href('audit', { about: id })}>{says.audit}</a>
          <a href={href('devices')}>{says.devices}</a>
        </nav>
        {mayChange && (
          <Group gap="xs">
            <Button variant="default" onClick={() => setAsks({ what: 'rename' })}>
              {says.rename}
            </Button>
            <Button variant="default" onClick={() => setAsks({ what: 'role' })}>
              {says.changeRole}
            </Button>
            {state === 'active' && (
              <Button variant="default" onClick={() => setAsks({ what: 'suspend' })}>
                {says.suspend}
              </Button>
            )}
            {state === 'suspended' && (
              <Button variant="default" disabled={acting.isBusy} onClick={() => resume('resume')}>
                {says.resume}
              </Button>
            )}
            {state === 'blocked' ? (
              <Button variant="default" disabled={acting.isBusy} onClick={() => resume('unblock')}>
                {says.unblock}
              </Button>
            ) : (
              <Button variant="outline" color="red" onClick={() => setAsks({ what: 'block' })}>
                {says.block}
              </Button>
            )}
            <Button variant="outline" color="red" onClick={() => setAsks({ what: 'forget' })}>
              {says.forget}
            </Button>
          </Group>
        )}
      </Panel>
      <Chats
        person={person}
        mayChange={mayChange}
        onLink={(peer, chat) => setAsks({ what: 'link', peer, own: chat })}
        onUnlink={(peer) => setAsks({ what: 'unlink', peer })}
      />
      {asks?.what === 'rename' && <Rename {...dialog} />}
      {asks?.what === 'role' && <ChangeRole {...dialog} />}
      {(asks?.what === 'suspend' || asks?.what === 'block') && <Stop {...dialog} how={asks.what} />}
      {asks?.what === 'forget' && <Forget {...dialog} onDone={() => go('people', {}, { replace: true })} />}
      {asks?.what === 'link' && <LinkChat {...dialog} prefilled={asks.peer} own={asks.own} />}
      {asks?.what === 'unlink' && <Unlink {...dialog} peer={asks.peer} />}
    </Page>
  );
}

function Quiet({ children }: { readonly children: string }): ReactNode {
  return (
    <Text component="span" size="sm" c="dimmed">
      {' · '}
      {children}
    </Text>
  );
}
