// Rules that were kept: each whole, whose it is, until when, and the way to take it back.
import { visible } from '@countersign/protocol/display';
import type { PolicyRuleRow } from '@countersign/protocol/policy';
import { Badge, Button, Group, Stack, Text } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useAct } from '../../app/act.ts';
import { Confirm } from '../../parts/Confirm.tsx';
import { Panel } from '../../parts/Panel.tsx';
import { Rows } from '../../parts/Rows.tsx';
import { Empty } from '../../parts/States.tsx';
import { When } from '../../shared/When.tsx';
import { text } from '../../text/say.ts';

const says = text.policy.rules;

interface KeptRulesProps {
  readonly rules: readonly PolicyRuleRow[];
  readonly mayChange: boolean;
}

export function KeptRules({ rules, mayChange }: KeptRulesProps): ReactNode {
  const [ending, setEnding] = useState<PolicyRuleRow | null>(null);
  return (
    <Panel title={says.title} about={says.about} testId="policy-rules">
      {rules.length === 0 ? (
        <Empty title={says.none}>{says.noneHint}</Empty>
      ) : (
        <div>
          <Rows
            label={says.title}
            items={rules}
            keyOf={({ agent, id }) => `${agent ?? ''} ${id}`}
            estimate={90}
            testId="rules"
            row={(rule) => <Rule rule={rule} onRevoke={mayChange ? () => setEnding(rule) : null} />}
          />
        </div>
      )}
      {ending !== null && <Revoke rule={ending} onClose={() => setEnding(null)} />}
    </Panel>
  );
}

interface RuleProps {
  readonly rule: PolicyRuleRow;
  readonly onRevoke: (() => void) | null;
}

function Rule({ rule, onRevoke }: RuleProps): ReactNode {
  const { id, agent, kind, until, why } = rule;
  return (
    <Group justify="space-between" gap="sm" align="flex-start">
      <Stack gap={4} className="approval-main">
        <RuleText rule={rule} />
        <Group gap={8}>
          <Badge variant="default" tt="none" fw={500}>
            {says.kinds[kind]}
          </Badge>
          <Text size="sm" c="dimmed" component="div">
            {agent === null ? says.everybody : visible(agent)}
            {until !== undefined && (
              <>
                {' · '}
                {says.until} <When at={until} />
              </>
            )}
            {why !== undefined && ` · ${visible(why)}`}
          </Text>
        </Group>
      </Stack>
      {onRevoke !== null && (
        <Button
          size="compact-sm"
          variant="default"
          aria-label={says.revokeOf(visible(id))}
          onClick={onRevoke}
        >
          {says.revoke}
        </Button>
      )}
    </Group>
  );
}

/** Of an exact rule the text is escaped as it was shown; of an imported one it is a word of the document. */
function RuleText({ rule: { kind, text: said } }: { readonly rule: PolicyRuleRow }): ReactNode {
  return <pre className="action">{kind === 'exact' ? said : visible(said)}</pre>;
}

function Revoke({
  rule,
  onClose,
}: {
  readonly rule: PolicyRuleRow;
  readonly onClose: () => void;
}): ReactNode {
  const { act, isBusy, ask, problem } = useAct();
  const revoke = async (): Promise<void> => {
    const done = await act({
      work: (api) => api.policy.revoke(rule.id),
      changes: ['policy', 'approvals', 'audit'],
      said: () => says.done,
    });
    if (done) onClose();
  };
  return (
    <Confirm
      isOpen
      onClose={onClose}
      title={says.confirm}
      keep={says.keep}
      yes={says.revoke}
      onYes={() => void revoke()}
      isBusy={isBusy}
      ask={ask}
      problem={problem}
      testId="revoke-rule"
    >
      <Stack gap="sm">
        <RuleText rule={rule} />
        {says.confirmAbout}
      </Stack>
    </Confirm>
  );
}
