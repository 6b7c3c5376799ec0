// What a device may do, line by line: now, or after a proof.
import { Stack, Text } from '@mantine/core';
import { type ReactNode, useId } from 'react';
import { Icon } from '../../parts/Icon.tsx';
import { Rich } from '../../shared/Rich.tsx';
import './devices.css';

interface AbilitiesProps {
  readonly title: string;
  readonly lines: readonly string[];
  readonly kind: 'yes' | 'later';
  readonly testId?: string;
}

export function Abilities({ title, lines, kind, testId }: AbilitiesProps): ReactNode {
  const id = useId();
  return (
    <Stack gap={6}>
      <Text fw={600} id={id}>
        {title}
      </Text>
      <ul className="abilities" data-kind={kind} aria-labelledby={id} data-testid={testId}>
        {lines.map((line) => (
          <li key={line}>
            <Icon name={kind === 'yes' ? 'check' : 'plus'} size={18} />
            <span>
              <Rich text={line} />
            </span>
          </li>
        ))}
      </ul>
    </Stack>
  );
}
