// Recovery codes: how many are left, and ten new ones. They are shown once and kept nowhere.
import { Alert, Group, Stack, Text } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { MakeCodes, RecoveryCodes } from '../../factors/RecoveryCodes.tsx';
import { Panel } from '../../parts/Panel.tsx';
import { text } from '../../text/say.ts';
import { recoveryWarning } from './warning.ts';

const says = text.factors.recovery;

interface RecoveryProps {
  readonly left: number;
  readonly hasFactor: boolean;
  readonly canChange: boolean;
  readonly onChanged: () => void;
}

export function Recovery({ left, hasFactor, canChange, onChanged }: RecoveryProps): ReactNode {
  const [codes, setCodes] = useState<readonly string[] | null>(null);
  const warning = hasFactor ? recoveryWarning(left) : null;
  if (codes !== null) {
    return (
      <RecoveryCodes
        codes={codes}
        onKept={() => {
          setCodes(null);
          onChanged();
        }}
      />
    );
  }
  return (
    <Panel title={says.title} about={text.factors.good.recovery} testId="recovery">
      {!hasFactor ? (
        <Text c="dimmed">{says.needsFactor}</Text>
      ) : (
        <Stack gap="sm" align="flex-start">
          <Text fw={600}>{says.left(left)}</Text>
          {warning !== null && (
            <Alert color="orange" variant="light" p="sm">
              {says[warning]}
            </Alert>
          )}
          {canChange && (
            <Group gap="sm">
              <MakeCodes label={left === 0 ? says.make : says.renew} onCodes={setCodes} />
              {left > 0 && (
                <Text size="sm" c="dimmed">
                  {says.renewMeans}
                </Text>
              )}
            </Group>
          )}
        </Stack>
      )}
    </Panel>
  );
}
