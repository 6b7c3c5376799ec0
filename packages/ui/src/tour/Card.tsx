// The steps themselves: loaded only where somebody has them to do.
import type { PersonRow } from '@countersign/protocol/identity';
import { Button, Group, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { href } from '../app/router.ts';
import { Panel } from '../parts/Panel.tsx';
import { Command } from '../shared/Shell.tsx';
import { shellWord } from '../shared/shell-word.ts';
import { text } from '../text/say.ts';
import { useTourMemory } from './memory.ts';
import { StepView } from './StepView.tsx';
import { doneSteps, type House, STEPS } from './steps.ts';
import './tour.css';

const says = text.tour;

export function Card({ me, house }: { readonly me: PersonRow; readonly house: House }): ReactNode {
  const [memory, setMemory] = useTourMemory();
  const done = doneSteps(house, memory);
  const isAll = done.size === STEPS.length;
  const over = (): void => setMemory({ isOver: true, isWanted: false });
  const { look, chat, factor, people } = says.steps;
  return (
    <Panel
      title={says.title}
      about={says.progress(done.size, STEPS.length)}
      testId="tour"
      actions={
        <Button
          variant={isAll ? 'filled' : 'subtle'}
          size="compact-sm"
          data-testid="tour-over"
          onClick={over}
        >
          {isAll ? says.finish : says.skip}
        </Button>
      }
    >
      <ol className="tour">
        <StepView step="look" isDone={done.has('look')} title={look.title} text={look.text}>
          <Button size="compact-sm" variant="outline" onClick={() => setMemory({ hasLooked: true })}>
            {look.action}
          </Button>
        </StepView>
        <StepView step="chat" isDone={done.has('chat')} title={chat.title} text={chat.text}>
          <Group gap="xs">
            <Go to={href('channels', { open: 'new' })} label={chat.addBot} />
            <Go to={href('people', { open: me.id })} label={chat.link} />
          </Group>
          <Text size="sm" c="dimmed">
            {chat.byCommand}{' '}
            <Command text={`countersign people link ${shellWord(me.name)} <code> --as owner`} />
          </Text>
        </StepView>
        <StepView step="factor" isDone={done.has('factor')} title={factor.title} text={factor.text}>
          <Go to={href('factors')} label={factor.action} />
        </StepView>
        <StepView step="people" isDone={done.has('people')} title={people.title} text={people.text}>
          <Group gap="xs">
            <Go to={href('pairings')} label={people.action} />
            <Go to="/chat" label={people.chat} />
          </Group>
        </StepView>
      </ol>
    </Panel>
  );
}

function Go({ to, label }: { readonly to: string; readonly label: string }): ReactNode {
  return (
    <Button component="a" href={to} size="compact-sm" variant="outline">
      {label}
    </Button>
  );
}
