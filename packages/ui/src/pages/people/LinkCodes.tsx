// The two codes of an offer, each asked for by the chat it was sent to.
import { visible } from '@countersign/protocol/display';
import type { PersonLinked } from '@countersign/protocol/identity';
import { Button, Group, Stack, Text, TextInput } from '@mantine/core';
import { type ReactNode, type SubmitEvent, useState } from 'react';
import type { Acting } from '../../app/act.ts';
import { Failed } from '../../parts/States.tsx';
import { When } from '../../shared/When.tsx';
import { text } from '../../text/say.ts';
import { chatName } from '../pairings/look-alikes.ts';

const says = text.people.link;
const MAX_CODE = 64;

interface LinkCodesProps {
  readonly offer: PersonLinked;
  readonly acting: Acting;
  readonly onCodes: (codes: readonly [string, string]) => void;
  readonly onAgain: () => void;
}

export function LinkCodes({ offer, acting, onCodes, onAgain }: LinkCodesProps): ReactNode {
  const [first, setFirst] = useState('');
  const [second, setSecond] = useState('');
  const [known, added] = offer.sentTo ?? [];
  const codes = [first.trim(), second.trim()] as const;
  const isReady = codes[0] !== '' && codes[1] !== '';
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    if (isReady) onCodes(codes);
  };
  const field = (chat: typeof known, otherwise: string): string =>
    says.codeFrom(chat === undefined ? otherwise : visible(chatName(chat)));
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="md">
        <Text size="sm">
          {says.codesAbout} {offer.expiresAt !== undefined && <When at={offer.expiresAt} />}
        </Text>
        <TextInput
          label={field(known, says.first)}
          value={first}
          maxLength={MAX_CODE}
          autoComplete="off"
          autoCapitalize="characters"
          spellCheck={false}
          data-testid="link-code-known"
          onChange={(event) => setFirst(event.currentTarget.value)}
          data-autofocus
        />
        <TextInput
          label={field(added, says.second)}
          value={second}
          maxLength={MAX_CODE}
          autoComplete="off"
          autoCapitalize="characters"
          spellCheck={false}
          data-testid="link-code-added"
          onChange={(event) => setSecond(event.currentTarget.value)}
        />
        {acting.problem !== null && <Failed problem={acting.problem} />}
        <Group gap="sm">
          <Button type="submit" disabled={acting.isBusy || !isReady} data-testid="link-finish">
            {says.finish}
          </Button>
          <Button variant="default" onClick={onAgain}>
            {says.again}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
