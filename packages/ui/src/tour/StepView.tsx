// One step: what it is for, and the way there while it is open.
import { Stack, Text, VisuallyHidden } from '@mantine/core';
import type { ReactNode } from 'react';
import { Icon } from '../parts/Icon.tsx';
import { text } from '../text/say.ts';
import { STEPS, type Step } from './steps.ts';

const says = text.tour;

interface StepViewProps {
  readonly step: Step;
  readonly isDone: boolean;
  readonly title: string;
  readonly text: string;
  readonly children: ReactNode;
}

export function StepView({ step, isDone, title, text: about, children }: StepViewProps): ReactNode {
  return (
    <li data-done={isDone} data-testid={`tour-${step}`}>
      <span className="tour-mark" aria-hidden="true">
        {isDone ? <Icon name="check" size={16} /> : STEPS.indexOf(step) + 1}
      </span>
      <Stack gap={6} className="tour-words">
        <Text fw={600}>
          {title} <VisuallyHidden>({isDone ? says.isDone : says.isOpen})</VisuallyHidden>
        </Text>
        {!isDone && (
          <>
            <Text size="sm">{about}</Text>
            {children}
          </>
        )}
      </Stack>
    </li>
  );
}
