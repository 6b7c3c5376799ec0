// Somebody, as they may be shown: first what cannot be changed by them (channel, account, identifier), then what they call
// themselves, quoted and with everything invisible written out (R67, R47).
import { isMixedScript, visible } from '@countersign/protocol/display';
import { Badge, Code, Group } from '@mantine/core';
import type { ReactNode } from 'react';
import { Name } from '../shared/Name.tsx';

interface WhoProps {
  readonly channel?: string;
  readonly account?: string;
  /** The immutable id. */
  readonly id: string;
  /** What they say about themselves, the most telling first. */
  readonly claims?: readonly (string | undefined)[];
}

export function Who({ channel, account, id, claims = [] }: WhoProps): ReactNode {
  const said = claims.filter((claim): claim is string => claim !== undefined && claim !== '');
  return (
    <Group gap={6} component="span" className="who">
      {channel !== undefined && (
        <Badge variant="default" tt="none" fw={500}>
          {account === undefined || account === 'default' ? channel : `${channel}:${account}`}
        </Badge>
      )}
      <Code className="id">{visible(id)}</Code>
      {said.map((claim) => (
        <Claim key={claim} claim={claim} />
      ))}
    </Group>
  );
}

export function Claim({ claim }: { readonly claim: string }): ReactNode {
  return (
    <>
      <Name text={claim} />
      {isMixedScript(claim) && (
        <Badge color="orange" variant="light" tt="none" data-testid="mixed-script">
          mixed-script
        </Badge>
      )}
    </>
  );
}
