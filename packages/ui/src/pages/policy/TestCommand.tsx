// What would happen to a command line: how it was understood, how risky that is, and whom it would be asked of. It is read,
// never run.
import { visible } from '@countersign/protocol/display';
import type { PolicyTest } from '@countersign/protocol/policy';
import type { Problem } from '@countersign/protocol/problem';
import { Alert, Button, Group, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { type ReactNode, type SubmitEvent, useState } from 'react';
import { problemOf } from '../../app/queries.ts';
import { useHouse } from '../../house/context.ts';
import { Facts } from '../../parts/Facts.tsx';
import { Panel } from '../../parts/Panel.tsx';
import { Failed } from '../../parts/States.tsx';
import { text } from '../../text/say.ts';
import { Runs, TierBadge } from '../approvals/ActionView.tsx';
import { becauseOf } from '../approvals/words.ts';

const says = text.policy.test;
const COLOR = { allow: 'sage', deny: 'red', require: 'orange' } as const;

export function TestCommand(): ReactNode {
  const { api } = useHouse();
  const [command, setCommand] = useState('');
  const [agent, setAgent] = useState('main');
  const [cwd, setCwd] = useState('');
  const [answer, setAnswer] = useState<PolicyTest | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [isBusy, setBusy] = useState(false);
  const ask = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    if (command.trim() === '') return;
    setBusy(true);
    setProblem(null);
    try {
      const folder = cwd.trim() === '' ? {} : { cwd: cwd.trim() };
      setAnswer(
        await api().policy.test({ command, agent: agent.trim() === '' ? 'main' : agent.trim(), ...folder }),
      );
    } catch (error) {
      setAnswer(null);
      setProblem(problemOf(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <Panel title={says.title} about={says.about} testId="policy-test">
      <form onSubmit={(event) => void ask(event)} noValidate>
        <Stack gap="sm">
          <Textarea
            label={says.command}
            value={command}
            autosize
            minRows={2}
            maxRows={8}
            spellCheck={false}
            autoCapitalize="off"
            classNames={{ input: 'exact' }}
            data-testid="test-command"
            onChange={({ currentTarget }) => setCommand(currentTarget.value)}
          />
          <Group gap="sm" align="flex-end">
            <TextInput
              label={says.agent}
              value={agent}
              maxLength={200}
              autoComplete="off"
              onChange={({ currentTarget }) => setAgent(currentTarget.value)}
            />
            <TextInput
              label={says.cwd}
              value={cwd}
              maxLength={4_096}
              autoComplete="off"
              onChange={({ currentTarget }) => setCwd(currentTarget.value)}
            />
            <Button type="submit" loading={isBusy} disabled={command.trim() === ''} data-testid="test-ask">
              {says.ask}
            </Button>
          </Group>
        </Stack>
      </form>
      <div aria-live="polite">
        {problem !== null && <Failed problem={problem} />}
        {answer !== null && <Answer answer={answer} />}
      </div>
    </Panel>
  );
}

function Answer({ answer }: { readonly answer: PolicyTest }): ReactNode {
  const { tier, outcome, need, commands, reasons, source, rule, hint } = answer;
  const because = becauseOf(answer, text.approvals);
  return (
    <Stack gap="md" data-testid="test-answer">
      <Alert color={COLOR[outcome]} variant="light" title={says.outcomes[outcome]}>
        <Stack gap={4}>
          {because !== null && <Text size="sm">{because}</Text>}
          {hint !== undefined && (
            <Text size="sm">
              <code>{hint}</code>
            </Text>
          )}
          <Group gap="sm">
            <TierBadge tier={tier} />
            <Text size="sm">{text.approvals.tierMeans[tier]}</Text>
          </Group>
        </Stack>
      </Alert>
      <Facts
        facts={[
          need === undefined ? null : [says.who, need.who.map(visible).join(', ')],
          need === undefined
            ? null
            : [
                says.proof,
                need.factors.length === 0
                  ? says.noProof
                  : need.factors.map((kind) => says.factors[factorOf(kind)]).join(', '),
              ],
          need === undefined || need.quorum < 2
            ? null
            : [text.approvals.who, text.approvals.quorum(need.quorum)],
          need === undefined ? null : [says.timeout, need.timeout],
          rule === undefined ? null : [says.rule, <code key="rule">{visible(rule)}</code>],
          [says.source, <code key="source">{visible(source)}</code>],
        ]}
      />
      <div>
        <Text fw={600} mb={6}>
          {commands.length > 0 ? says.runs : says.why}
        </Text>
        <Runs commands={commands} reasons={reasons} />
      </div>
    </Stack>
  );
}

function factorOf(kind: string): keyof typeof says.factors {
  return kind === 'passkey' || kind === 'recovery' ? kind : 'totp';
}
