// What a linked device is, before anything is begun: unofficial, and in the hand of whoever holds the phone. Then by which
// way it is linked.
import { Alert, Button, Group, Radio, Stack, Text, TextInput } from '@mantine/core';
import type { ReactNode, SubmitEvent } from 'react';
import { text } from '../../text/say.ts';

const says = text.linking;
const WAYS = ['picture', 'code'] as const;
export type Way = (typeof WAYS)[number];

interface BeforeLinkingProps {
  readonly way: Way;
  readonly phone: string;
  readonly isPhoneWrong: boolean;
  /** A phone is linked now: its login ends. */
  readonly isThere: boolean;
  readonly isBusy: boolean;
  readonly onWay: (way: Way) => void;
  readonly onPhone: (phone: string) => void;
  readonly onBegin: () => void;
  readonly onCancel: () => void;
}

export function BeforeLinking(props: BeforeLinkingProps): ReactNode {
  const { way, phone, isPhoneWrong, isThere, isBusy, onWay, onPhone, onBegin, onCancel } = props;
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    onBegin();
  };
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="md">
        <Unofficial />
        {isThere && <Text size="sm">{says.forceWhy}</Text>}
        <Radio.Group
          label={says.how}
          value={way}
          onChange={(chosen) => onWay(WAYS.find((one) => one === chosen) ?? 'picture')}
        >
          <Stack gap="xs" mt="xs">
            {WAYS.map((one) => (
              <Radio
                key={one}
                value={one}
                label={says.ways[one]}
                data-testid={`link-by-${one}`}
                {...(one === way ? { 'data-autofocus': true } : {})}
              />
            ))}
          </Stack>
        </Radio.Group>
        {way === 'code' && (
          <TextInput
            type="tel"
            inputMode="tel"
            autoComplete="off"
            label={says.phone}
            description={says.phoneHelp}
            value={phone}
            error={isPhoneWrong ? says.phoneBad : undefined}
            data-testid="link-number"
            onChange={(event) => onPhone(event.currentTarget.value)}
          />
        )}
        <Group gap="sm">
          <Button type="submit" disabled={isBusy} data-testid="begin-linking">
            {way === 'code' ? says.beginCode : says.begin}
          </Button>
          <Button variant="default" onClick={onCancel}>
            {says.cancel}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

/** Said wherever such an account comes to be. */
export function Unofficial(): ReactNode {
  return (
    <Alert color="orange" variant="light" title={says.unofficial} data-testid="unofficial">
      <Stack gap="xs">
        <Text size="sm">{says.unofficialWhy}</Text>
        <Text size="sm">{says.holder}</Text>
        <Text size="sm">{says.business}</Text>
      </Stack>
    </Alert>
  );
}
