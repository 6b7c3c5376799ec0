// What holds for every agent, and for those that are named.
import { visible } from '@countersign/protocol/display';
import type { PolicyView } from '@countersign/protocol/policy';
import { Button, Group, Stack, TextInput } from '@mantine/core';
import { type ReactNode, type SubmitEvent, useState } from 'react';
import { useAct } from '../../app/act.ts';
import { Panel } from '../../parts/Panel.tsx';
import { Failed } from '../../parts/States.tsx';
import { text } from '../../text/say.ts';
import { Scroll } from './Scroll.tsx';
import { type Edit, ValueButton } from './ValueButton.tsx';
import { ENTRY_FIELDS, entryValue } from './values.ts';

const says = text.policy.holds;
const MOST = 200;

interface HoldsProps {
  readonly policy: PolicyView;
  readonly edit: Edit;
}

export function Holds({ policy, edit }: HoldsProps): ReactNode {
  const { act, isBusy, ask, problem } = useAct();
  const [typed, setTyped] = useState('');
  const { defaults, agents } = policy;
  const name = typed.trim();
  const rows = [
    { path: 'defaults', name: null, entry: defaults },
    ...agents.map((entry) => ({ path: `agents.${entry.agent}`, name: entry.agent, entry })),
  ];
  const forget = (agent: string): Promise<boolean> =>
    act({
      work: (api) => api.policy.set(`agents.${agent}`, 'defaults'),
      changes: ['policy', 'approvals', 'audit'],
      said: () => text.policy.edit.done,
    });
  const add = (event: SubmitEvent): void => {
    event.preventDefault();
    if (name === '' || edit === null) return;
    edit(entryValue(`agents.${name}`, 'ask', defaults, says, text.approvals.tiers));
  };
  return (
    <Panel title={says.title} about={says.about} testId="policy-holds">
      <Scroll label={says.title}>
        <table className="policy-table">
          <thead>
            <tr>
              <th scope="col">{says.agent}</th>
              {ENTRY_FIELDS.map((field) => (
                <th scope="col" key={field}>
                  {says[field]}
                </th>
              ))}
              <td />
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.path}>
                <th scope="row">
                  {row.name !== null ? visible(row.name) : agents.length === 0 ? says.everybody : says.others}
                </th>
                {ENTRY_FIELDS.map((field) => (
                  <td key={field} data-label={says[field]}>
                    <ValueButton
                      value={entryValue(row.path, field, row.entry, says, text.approvals.tiers)}
                      edit={edit}
                    />
                  </td>
                ))}
                <td>
                  {edit !== null && row.name !== null && (
                    <Button
                      size="compact-sm"
                      variant="default"
                      disabled={isBusy}
                      onClick={() => void forget(row.name ?? '')}
                    >
                      {says.forget}
                    </Button>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
      {edit !== null && (
        <form onSubmit={add} noValidate>
          <Group align="flex-end" gap="sm">
            <TextInput
              label={says.addLabel}
              value={typed}
              maxLength={MOST}
              autoComplete="off"
              data-testid="name-agent"
              onChange={({ currentTarget }) => setTyped(currentTarget.value)}
            />
            <Button type="submit" variant="default" disabled={name === ''}>
              {says.add}
            </Button>
          </Group>
        </form>
      )}
      <Stack gap="sm">
        {ask}
        {problem !== null && <Failed problem={problem} />}
      </Stack>
    </Panel>
  );
}
