// What is known about somebody who asks: first what the channel vouches for, then what they say about themselves (R67).
import { visible } from '@countersign/protocol/display';
import type { PairingRow } from '@countersign/protocol/pairing';
import { Badge, Code, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { Facts } from '../../parts/Facts.tsx';
import { Claim } from '../../parts/Who.tsx';
import { When } from '../../shared/When.tsx';
import { text } from '../../text/say.ts';
import { firstLine, isOpen } from './rows.ts';

const says = text.pairings.decide;

export function AskedFacts({ row }: { readonly row: PairingRow }): ReactNode {
  const { channel, account, identifier, alias, hidden, displayName, username, firstWords, code } = row;
  return (
    <Facts
      facts={[
        [
          says.channel,
          <Badge key="channel" variant="default" tt="none" fw={500}>
            {account === 'default' ? visible(channel) : `${visible(channel)}:${visible(account)}`}
          </Badge>,
        ],
        [
          says.id,
          <span key="id">
            <Code className="id">{visible(identifier)}</Code>
            <Hint>{says.idHint}</Hint>
          </span>,
        ],
        alias === undefined
          ? null
          : [
              says.alias,
              <span key="alias">
                <Code>{visible(alias)}</Code>
                <Hint>{says.aliasHint}</Hint>
              </span>,
            ],
        hidden === true ? [says.alias, <em key="hidden">{says.hidden}</em>] : null,
        [
          says.claims,
          displayName === undefined || displayName === '' ? (
            <em key="claims">{says.nobody}</em>
          ) : (
            <Claim key="claims" claim={displayName} />
          ),
        ],
        username === undefined || username === ''
          ? null
          : [says.username, <Claim key="user" claim={username} />],
        firstWords === undefined || firstWords === ''
          ? null
          : [
              says.words,
              <span key="words">
                <q className="asker-words">{firstLine(firstWords)}</q>
                <Hint>{says.wordsHint}</Hint>
              </span>,
            ],
        isOpen(row)
          ? [
              says.code,
              code === undefined ? (
                says.noCode
              ) : (
                <span key="code">
                  <Code>{visible(code)}</Code>
                  <Hint>{says.codeHint}</Hint>
                </span>
              ),
            ]
          : null,
        [says.asked, <When key="asked" at={row.createdAt} />],
        isOpen(row) ? [says.until, <When key="until" at={row.expiresAt} />] : null,
      ]}
    />
  );
}

function Hint({ children }: { readonly children: string }): ReactNode {
  return (
    <Text component="span" size="sm" c="dimmed">
      {' · '}
      {children}
    </Text>
  );
}
