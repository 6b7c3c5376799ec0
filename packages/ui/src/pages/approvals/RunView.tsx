// What came of a yes: whether it ran, how it ended, and what its machine says it printed. Said first of all where a request is
// over. The receipt is the same as a document that anybody can verify.
import type { ApprovalRow } from '@countersign/protocol/approval';
import { exact, exactLines } from '@countersign/protocol/exact';
import { Alert, Button, Group, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { useAct } from '../../app/act.ts';
import { Facts } from '../../parts/Facts.tsx';
import { Icon } from '../../parts/Icon.tsx';
import { Failed } from '../../parts/States.tsx';
import { saveAs } from '../../shared/save.ts';
import { When } from '../../shared/When.tsx';
import { text } from '../../text/say.ts';
import { becauseOf, outcomeOf, pausesOf, stateOf } from './words.ts';

const says = text.approvals;
const COLOR = { open: 'gray', good: 'sage', bad: 'orange' } as const;

export function RunView({ row }: { readonly row: ApprovalRow }): ReactNode {
  const outcome = outcomeOf(row, says);
  const { run } = row;
  return (
    <Stack gap="sm" data-testid="approval-state">
      <Alert color={COLOR[outcome?.tone ?? 'open']} variant="light" title={upper(stateOf(row, says))}>
        {outcome?.text ?? becauseOf(row, says)}
      </Alert>
      {pausesOf(row, says).map((words) => (
        <Text key={words} size="sm" data-testid="paused">
          {words}
        </Text>
      ))}
      {run !== undefined && <Ran run={run} />}
      {run !== undefined && <Receipt row={row} />}
    </Stack>
  );
}

function Ran({ run }: { readonly run: NonNullable<ApprovalRow['run']> }): ReactNode {
  const { redeemedAt, startedAt, finishedAt, lostAt, failure, outputSize, outputDigest, output } = run;
  const words = says.run;
  if (redeemedAt === undefined) return null;
  return (
    <>
      <Facts
        facts={[
          at(words.redeemed, redeemedAt),
          at(words.started, startedAt),
          at(words.finished, finishedAt),
          at(words.silent, lostAt),
          failure === undefined ? null : [words.why, exact(failure)],
          outputSize === undefined ? null : [words.printed, words.bytes(outputSize)],
          outputDigest === undefined
            ? null
            : [
                words.digest,
                <Stack key="digest" gap={0}>
                  <code className="exact">{outputDigest}</code>
                  <Text size="sm" c="dimmed">
                    {words.digestHint}
                  </Text>
                </Stack>,
              ],
        ]}
      />
      {output !== undefined && output !== '' && (
        <div>
          <Text fw={600} mb={6}>
            {words.output}
          </Text>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard has to reach it */}
          <pre className="action" tabIndex={0} data-testid="run-output">
            {exactLines(output).join('\n')}
          </pre>
        </div>
      )}
    </>
  );
}

function at(label: string, when: string | undefined): readonly [string, ReactNode] | null {
  return when === undefined ? null : [label, <When key={label} at={when} />];
}

function Receipt({ row: { id, short } }: { readonly row: ApprovalRow }): ReactNode {
  const { act, isBusy, ask, problem } = useAct();
  const make = (): Promise<boolean> =>
    act({
      work: async (api) =>
        saveAs(`countersign-receipt-${short}.json`, 'application/json', await api.approvals.receipt(id)),
      changes: [],
      said: () => says.run.receiptDone,
    });
  return (
    <>
      <Group>
        <Button
          variant="default"
          size="compact-sm"
          leftSection={<Icon name="download" size={16} />}
          disabled={isBusy}
          data-testid="receipt"
          onClick={() => void make()}
        >
          {says.run.receipt}
        </Button>
      </Group>
      {ask}
      {problem !== null && <Failed problem={problem} />}
    </>
  );
}

function upper(words: string): string {
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
}
