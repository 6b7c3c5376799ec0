// What a list is narrowed to: a channel, and words that are looked for in what has been loaded.
import { NativeSelect, TextInput } from '@mantine/core';
import type { ReactNode } from 'react';
import { Icon } from '../../parts/Icon.tsx';
import { text } from '../../text/say.ts';

const says = text.pairings;

interface FindProps {
  readonly typed: string;
  readonly onType: (typed: string) => void;
  readonly channel: string;
  readonly channels: readonly string[];
  readonly onChannel: (channel: string) => void;
}

export function Find({ typed, onType, channel, channels, onChannel }: FindProps): ReactNode {
  const known = channel === '' || channels.includes(channel) ? channels : [...channels, channel];
  return (
    <div className="find">
      <TextInput
        aria-label={says.search}
        placeholder={says.searchHint}
        type="search"
        autoComplete="off"
        data-search
        leftSection={<Icon name="search" size={16} />}
        value={typed}
        onChange={(event) => onType(event.currentTarget.value)}
      />
      {known.length > 1 && (
        <NativeSelect
          aria-label={says.channel}
          value={channel}
          onChange={(event) => onChannel(event.currentTarget.value)}
          data={[
            { value: '', label: says.everyChannel },
            ...known.map((name) => ({ value: name, label: name })),
          ]}
        />
      )}
    </div>
  );
}
