// The code, once: scanned, copied or typed on the new device, and over after a while. Whoever uses it is named here.
import type { DeviceRow } from '@countersign/protocol/device';
import { visible } from '@countersign/protocol/display';
import { Alert, Button, Group, Stack, Text } from '@mantine/core';
import { type ReactNode, useCallback, useState } from 'react';
import { Dialog } from '../../parts/Dialog.tsx';
import { Copy } from '../../shared/Copy.tsx';
import { Countdown } from '../../shared/Countdown.tsx';
import { Name } from '../../shared/Name.tsx';
import { Qr } from '../../shared/Qr.tsx';
import { text } from '../../text/say.ts';
import { Abilities } from './Abilities.tsx';
import type { Made } from './AddDevice.tsx';
import { nameOf, onlyHere } from './words.ts';

const says = text.devices.add;

interface SetupCodeProps {
  readonly made: Made;
  /** Who has asked since; most likely with this code. */
  readonly newcomer: DeviceRow | null;
  readonly onAgain: () => void;
  readonly onOpen: (id: string) => void;
  readonly onClose: () => void;
}

export function SetupCode({ made, newcomer, onAgain, onOpen, onClose }: SetupCodeProps): ReactNode {
  const { setup, role } = made;
  const { setupCode, expiresAt, asks = [] } = setup;
  const [isOver, setOver] = useState(false);
  const over = useCallback(() => setOver(true), []);
  const here = onlyHere(setupCode);
  return (
    <Dialog opened onClose={onClose} title={says.dialog} size="lg" data-testid="setup">
      <Stack gap="md">
        {newcomer !== null && (
          <Alert color="sage" variant="light" role="status">
            <Group justify="space-between" gap="sm">
              <Text size="sm">
                {says.asking} <Name text={nameOf(newcomer, text.devices)} />
              </Text>
              <Button size="compact-sm" onClick={() => onOpen(newcomer.id)}>
                {says.lookAt}
              </Button>
            </Group>
          </Alert>
        )}
        {isOver ? (
          <>
            <Text role="status">{says.over}</Text>
            <Group gap="sm">
              <Button onClick={onAgain}>{says.again}</Button>
              <Button variant="default" onClick={onClose}>
                {says.done}
              </Button>
            </Group>
          </>
        ) : (
          <>
            <Text>{role === 'node' ? says.howNode : says.how}</Text>
            {here !== null && (
              <Text size="sm" c="dimmed">
                {says.hereOnly(here)}
              </Text>
            )}
            <div className="setup-code">
              <Qr text={setupCode} label={says.qr} />
              <Stack gap="sm" className="setup-text">
                <code className="command" data-testid="setup-code">
                  {visible(setupCode)}
                </code>
                <Group gap="sm">
                  <Copy text={setupCode} label={says.copy} />
                  <Text size="sm" c="dimmed" component="span">
                    <Countdown until={Date.parse(expiresAt)} onOver={over} />
                  </Text>
                </Group>
              </Stack>
            </div>
            {asks.length > 0 && <Abilities title={says.asks} lines={asks} kind="yes" />}
            <Group>
              <Button data-autofocus onClick={onClose}>
                {says.done}
              </Button>
            </Group>
          </>
        )}
      </Stack>
    </Dialog>
  );
}
