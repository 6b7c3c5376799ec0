// What is not saved, always in sight: how much, what is not right yet, and the ways on.
import { Button, Group, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { text } from '../../text/say.ts';

const says = text.settings.bar;

interface BarProps {
  readonly count: number;
  readonly wrong: number;
  readonly onShow: () => void;
  readonly onDiscard: () => void;
  readonly onReview: () => void;
}

export function Bar({ count, wrong, onShow, onDiscard, onReview }: BarProps): ReactNode {
  return (
    <section className="set-bar" aria-label={says.label} data-testid="settings-bar">
      <Text fw={600} role="status">
        {says.count(count)}
        {wrong > 0 && <span className="set-error"> · {says.faults(wrong)}</span>}
      </Text>
      <Group gap="xs">
        <Button variant="default" onClick={onDiscard} data-testid="discard-settings">
          {says.discard}
        </Button>
        {wrong > 0 ? (
          <Button onClick={onShow}>{says.toFault}</Button>
        ) : (
          <Button onClick={onReview} data-testid="review-settings">
            {says.review}
          </Button>
        )}
      </Group>
    </section>
  );
}
