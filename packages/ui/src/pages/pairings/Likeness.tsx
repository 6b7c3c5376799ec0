// That somebody looks like somebody who is known, in words, and what that means (R47, R67). Nothing is decided by it.
import { quotedName, visible } from '@countersign/protocol/display';
import { Alert, Badge, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { Icon } from '../../parts/Icon.tsx';
import { text } from '../../text/say.ts';
import { isWarning, type Likeness } from './look-alikes.ts';

const says = text.pairings.like;
const SHOWN = 4;

/** In a list: one mark, the gravest. */
export function LikeMark({ found }: { readonly found: readonly Likeness[] }): ReactNode {
  const gravest = found.find(isWarning);
  if (gravest === undefined || gravest.kind === 'mixed-script') return null;
  return (
    <Badge color="orange" variant="light" tt="none" data-testid="looks-like">
      {shortOf(gravest)}
    </Badge>
  );
}

/** Before a decision: each in a sentence, and what it means. */
export function Likenesses({ found }: { readonly found: readonly Likeness[] }): ReactNode {
  if (found.length === 0) return null;
  const warns = found.some(isWarning);
  const shown = found.slice(0, SHOWN);
  return (
    <Alert
      color={warns ? 'orange' : 'sage'}
      variant="light"
      className="looks-like"
      data-testid="likenesses"
      {...(warns ? { title: says.title, icon: <Icon name="warn" /> } : {})}
    >
      <ul>
        {shown.map((one) => (
          <li key={sentenceOf(one)}>{sentenceOf(one)}</li>
        ))}
        {found.length > shown.length && <li>{says.more(found.length - shown.length)}</li>}
      </ul>
      {warns && (
        <Text size="sm" mt="xs">
          {says.means}
        </Text>
      )}
    </Alert>
  );
}

function shortOf(one: Likeness): string {
  switch (one.kind) {
    case 'same-name':
    case 'look-alike':
      if (one.person.role === 'owner') return says.short.owner;
      return one.kind === 'same-name' ? says.short.name : says.short.looks;
    case 'near-number':
      return says.short.number;
    default:
      return says.short.hidden;
  }
}

function sentenceOf(one: Likeness): string {
  switch (one.kind) {
    case 'mixed-script':
      return says.mixed(quotedName(one.claim));
    case 'hidden':
      return says.hidden(quotedName(one.claim));
    default:
      return about(one, quotedName(one.person.name), one.person.id);
  }
}

type OfPerson = Exclude<Likeness, { readonly kind: 'mixed-script' | 'hidden' }>;

function about(one: OfPerson, name: string, id: string): string {
  const isOwner = one.person.role === 'owner';
  switch (one.kind) {
    case 'theirs':
      return says.theirs(name, id);
    case 'same-number':
      return says.sameNumber(visible(one.like), name, id);
    case 'near-number':
      return says.nearNumber(visible(one.like), name, id);
    case 'same-name':
      return (isOwner ? says.sameNameOwner : says.sameName)(quotedName(one.claim), quotedName(one.like), id);
    case 'look-alike':
      return (isOwner ? says.looksLikeOwner : says.looksLike)(
        quotedName(one.claim),
        quotedName(one.like),
        id,
      );
    default:
      return one satisfies never;
  }
}
