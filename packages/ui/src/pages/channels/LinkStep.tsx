// One step of a linking that goes on: a picture to scan, a code to type, or a word on what is waited for. The picture is
// drawn as paths and replaced by the next; it is never kept.
import type { LoginStepRow } from '@countersign/protocol/channel-login';
import { visible } from '@countersign/protocol/display';
import { Button, Group, Stack, Text } from '@mantine/core';
import { type ReactNode, useCallback, useEffect, useState } from 'react';
import { Copy } from '../../shared/Copy.tsx';
import { Countdown } from '../../shared/Countdown.tsx';
import { Qr } from '../../shared/Qr.tsx';
import { text } from '../../text/say.ts';
import { grouped } from './linking.ts';

const says = text.linking;

interface LinkStepProps {
  readonly step: LoginStepRow;
  /** The gateway does not answer just now. */
  readonly isSlow: boolean;
  readonly onAgain: () => void;
  readonly onStop: () => void;
}

export function LinkStep({ step, isSlow, onAgain, onStop }: LinkStepProps): ReactNode {
  const { state, text: shown = '', expiresAt } = step;
  const [pictures, setPictures] = useState(0);
  const [overAt, setOverAt] = useState<number | null>(null);
  const over = useCallback(() => setOverAt(step.step), [step.step]);
  const isOver = overAt === step.step;
  useEffect(() => {
    if (state === 'picture') setPictures((count) => count + (shown === '' ? 0 : 1));
  }, [state, shown]);
  const left = expiresAt !== undefined && !isOver && (
    <Text size="sm" c="dimmed" component="span">
      <Countdown until={Date.parse(expiresAt)} onOver={over} key={step.step} />
    </Text>
  );
  return (
    <Stack gap="md" data-testid="link-step" data-state={state}>
      {state === 'picture' && (
        <div className="link-picture">
          <Qr text={shown} label={says.picture} />
          <Stack gap="sm" className="link-words">
            <Text>{says.scan}</Text>
            <Text size="sm" fw={600}>
              {says.onlyYou}
            </Text>
            {left}
          </Stack>
        </div>
      )}
      {state === 'code' && (
        <>
          {!isOver && <Text>{says.type}</Text>}
          <Group gap="md">
            <code className="link-code" data-over={isOver} data-testid="link-code">
              {visible(grouped(shown))}
            </code>
            {!isOver && <Copy text={shown} label={says.copy} />}
          </Group>
          {left}
          {!isOver && (
            <Text size="sm" fw={600}>
              {says.onlyYouType}
            </Text>
          )}
        </>
      )}
      <Text
        role="status"
        className="link-status"
        size={state === 'picture' || state === 'code' ? 'sm' : 'md'}
      >
        {isSlow ? says.slow : statusOf(state, isOver, pictures)}
      </Text>
      <Group gap="sm">
        {state === 'code' && isOver && (
          <Button data-testid="restart-linking" onClick={onAgain}>
            {says.startOver}
          </Button>
        )}
        <Button variant="default" data-testid="stop-linking" onClick={onStop}>
          {says.stop}
        </Button>
      </Group>
    </Stack>
  );
}

function statusOf(state: LoginStepRow['state'], isOver: boolean, pictures: number): string {
  switch (state) {
    case 'starting':
      return says.starting;
    case 'finishing':
      return says.finishing;
    case 'picture':
      if (isOver) return says.renewing;
      return pictures > 1 ? says.pictureNew : '';
    case 'code':
      return isOver ? says.codeOver : '';
    case 'linked':
    case 'failed':
      return '';
    default:
      return state satisfies never;
  }
}
