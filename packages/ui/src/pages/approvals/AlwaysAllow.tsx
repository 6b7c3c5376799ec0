// "Always allow": shown as the rule it becomes, before it is kept (E-12).
import type { ApprovalRow } from '@countersign/protocol/approval';
import { NativeSelect, Stack, Text } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useAct } from '../../app/act.ts';
import { useRead } from '../../app/queries.ts';
import { Decide } from '../../parts/Decide.tsx';
import { Failed, Loading } from '../../parts/States.tsx';
import { When } from '../../shared/When.tsx';
import { text } from '../../text/say.ts';

const says = text.approvals.always;
const LASTS = ['1d', '7d', '30d', '90d'] as const;

export function AlwaysAllow({
  row,
  onClose,
}: {
  readonly row: ApprovalRow;
  readonly onClose: () => void;
}): ReactNode {
  const { act, isBusy, ask, problem } = useAct();
  const [lasts, setLasts] = useState<(typeof LASTS)[number]>('30d');
  const preview = useRead('policy', ['rule', row.id, lasts], (api) =>
    api.approvals.allow(row.id, { for: lasts, preview: true }),
  );
  // It was offered, and the policy has changed since, or the gateway knows more by now.
  const isRefused = preview.problem?.code === 'policy_denied';
  const keep = async (): Promise<void> => {
    const done = await act({
      work: (api) => api.approvals.allow(row.id, { for: lasts }),
      changes: ['policy', 'approvals', 'audit'],
      said: () => says.done,
    });
    if (done) onClose();
  };
  return (
    <Decide
      title={says.title}
      isOpen
      onClose={onClose}
      isBusy={isBusy}
      ask={ask}
      problem={problem}
      answers={[
        {
          id: 'keep-none',
          label: isRefused ? text.approvals.decide.close : says.keep,
          kind: 'safe',
          press: onClose,
        },
        ...(isRefused
          ? []
          : [
              {
                id: 'keep-rule',
                label: says.yes,
                kind: 'grave' as const,
                isDisabled: preview.value === null,
                press: () => void keep(),
              },
            ]),
      ]}
      testId="always-allow"
    >
      <Stack gap="md">
        <Text>{isRefused ? says.refused : says.about}</Text>
        {!isRefused && (
          <NativeSelect
            label={says.forHowLong}
            value={lasts}
            data={LASTS.map((value) => ({ value, label: says.lasts[value] }))}
            onChange={({ currentTarget }) =>
              setLasts(LASTS.find((one) => one === currentTarget.value) ?? '30d')
            }
          />
        )}
        {preview.problem !== null && !isRefused && <Failed problem={preview.problem} />}
        {preview.value === null ? (
          preview.problem === null && <Loading lines={1} />
        ) : (
          <>
            {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard has to reach it */}
            <pre className="action" tabIndex={0} data-testid="rule-text">
              {preview.value.text}
            </pre>
            <Text size="sm">
              {says.until} <When at={preview.value.until} />
            </Text>
          </>
        )}
      </Stack>
    </Decide>
  );
}
