// The proof, asked for by hand: the gateway walks every chain from its first event to its head and says what it found.
import type { AuditVerdict } from '@countersign/protocol/gateway';
import type { Problem } from '@countersign/protocol/problem';
import { Alert, Button, Group, Loader, Stack, Text, Title } from '@mantine/core';
import { type ReactNode, useCallback, useEffect, useState } from 'react';
import { problemOf } from '../../app/queries.ts';
import { useHouse } from '../../house/context.ts';
import { Icon } from '../../parts/Icon.tsx';
import { Panel } from '../../parts/Panel.tsx';
import { Failed } from '../../parts/States.tsx';
import { Copy } from '../../shared/Copy.tsx';
import { text } from '../../text/say.ts';

const says = text.audit.verify;

export function Verify(): ReactNode {
  const { api } = useHouse();
  const [verdict, setVerdict] = useState<AuditVerdict | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [isBusy, setBusy] = useState(false);
  const check = useCallback(async (): Promise<void> => {
    setBusy(true);
    setProblem(null);
    try {
      setVerdict(await api().audit.verify());
    } catch (error) {
      setProblem(problemOf(error));
    } finally {
      setBusy(false);
    }
  }, [api]);
  useEffect(() => void check(), [check]);
  return (
    <Panel
      title={says.title}
      about={says.about}
      testId="audit-verify"
      actions={
        <Button variant="default" size="compact-sm" disabled={isBusy} onClick={() => void check()}>
          {says.again}
        </Button>
      }
    >
      <div role="status">
        {isBusy && (
          <Group gap="sm">
            <Loader size="sm" />
            <Text>{says.busy}</Text>
          </Group>
        )}
        {!isBusy && verdict !== null && <Verdict verdict={verdict} />}
      </div>
      {problem !== null && <Failed problem={problem} again={() => void check()} />}
    </Panel>
  );
}

function Verdict({ verdict }: { readonly verdict: AuditVerdict }): ReactNode {
  const { ok, events, heads, broken } = verdict;
  return (
    <Stack gap="md">
      {ok ? (
        <Alert color="sage" variant="light" icon={<Icon name="check" />} title={says.ok(events)} />
      ) : (
        <Alert color="red" variant="light" icon={<Icon name="warn" />} title={says.broken}>
          <Stack gap="xs">
            {broken !== undefined && (
              <Text size="sm">
                {says.brokenAt(broken.writer, broken.seq)} {whyOf(broken.why)}
              </Text>
            )}
            <Text size="sm">{says.brokenHint}</Text>
          </Stack>
        </Alert>
      )}
      <Stack gap="xs" component="section">
        <Title order={3} size="h5">
          {says.heads}
        </Title>
        <Text size="sm" c="dimmed" maw="64ch">
          {says.headsAbout}
        </Text>
        {heads.map(({ writer, seq, hash }) => (
          <Stack key={writer} gap={2} align="flex-start">
            <Text size="sm">{says.head(writer, seq)}</Text>
            <code className="audit-hash">{hash}</code>
            <Copy text={hash} label={says.copy} />
          </Stack>
        ))}
      </Stack>
    </Stack>
  );
}

function whyOf(why: string): string {
  const words: Readonly<Record<string, string>> = says.why;
  return Object.hasOwn(words, why) ? (words[why] ?? says.why.other) : says.why.other;
}
