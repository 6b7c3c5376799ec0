// What can be done about the phone behind an account: link one, link another, or end the login.
import type { AccountStatus } from '@countersign/protocol/gateway';
import { Button, Group } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { text } from '../../text/say.ts';
import { Unlink } from './Unlink.tsx';
import { isWithoutPhone } from './words.ts';

const says = text.linking;

interface PhoneActionsProps {
  readonly row: AccountStatus;
  readonly title: string;
  readonly onLink: () => void;
}

export function PhoneActions({ row, title, onLink }: PhoneActionsProps): ReactNode {
  const [isUnlinking, setUnlinking] = useState(false);
  const isFirst = isWithoutPhone(row);
  return (
    <Group gap="sm">
      <Button
        size="compact-sm"
        variant={isFirst ? 'filled' : 'default'}
        aria-label={isFirst ? says.linkOf(title) : says.againOf(title)}
        data-testid="link"
        onClick={onLink}
      >
        {isFirst ? says.link : says.again}
      </Button>
      {!isFirst && (
        <Button
          size="compact-sm"
          variant="outline"
          color="red"
          aria-label={says.unlinkOf(title)}
          data-testid="unlink"
          onClick={() => setUnlinking(true)}
        >
          {says.unlink}
        </Button>
      )}
      {isUnlinking && <Unlink row={row} onClose={() => setUnlinking(false)} />}
    </Group>
  );
}
