// The policy as a document: ours to take away, theirs or ours to take over. What an import changes is seen before it is made.
import { visible } from '@countersign/protocol/display';
import type { PolicyChanged } from '@countersign/protocol/policy';
import type { Problem } from '@countersign/protocol/problem';
import { Button, FileButton, Group, Stack, Text, Textarea } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useAct } from '../../app/act.ts';
import { problemOf } from '../../app/queries.ts';
import { useHouse } from '../../house/context.ts';
import { Decide } from '../../parts/Decide.tsx';
import { Icon } from '../../parts/Icon.tsx';
import { Panel } from '../../parts/Panel.tsx';
import { Failed } from '../../parts/States.tsx';
import { saveAs } from '../../shared/save.ts';
import { text } from '../../text/say.ts';
import { Scroll } from './Scroll.tsx';

const says = text.policy.file;

export function Document({ mayChange }: { readonly mayChange: boolean }): ReactNode {
  const { api } = useHouse();
  const [isImporting, setImporting] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const download = async (): Promise<void> => {
    setProblem(null);
    try {
      const { document: content } = await api().policy.export();
      saveAs('exec-approvals.json', 'application/json', content);
    } catch (error) {
      setProblem(problemOf(error));
    }
  };
  return (
    <Panel title={says.title} about={says.about} testId="policy-file">
      <Group gap="sm">
        <Button
          variant="default"
          leftSection={<Icon name="download" size={18} />}
          data-testid="export-policy"
          onClick={() => void download()}
        >
          {says.export}
        </Button>
        {mayChange && (
          <Button variant="default" data-testid="import-policy" onClick={() => setImporting(true)}>
            {says.import}
          </Button>
        )}
      </Group>
      {problem !== null && <Failed problem={problem} />}
      {isImporting && <Import onClose={() => setImporting(false)} />}
    </Panel>
  );
}

function Import({ onClose }: { readonly onClose: () => void }): ReactNode {
  const { act, isBusy, ask, problem } = useAct();
  const [typed, setTyped] = useState('');
  const [seen, setSeen] = useState<PolicyChanged | null>(null);
  const change = (content: string): void => {
    setTyped(content);
    // What was looked at is not what stands here any more.
    setSeen(null);
  };
  const look = async (): Promise<void> => {
    let found: PolicyChanged | null = null;
    const done = await act({
      work: async (api) => {
        found = await api.policy.import(typed, true);
        return found;
      },
      changes: [],
      said: () => null,
    });
    if (done) setSeen(found);
  };
  const take = async (): Promise<void> => {
    const done = await act({
      work: (api) => api.policy.import(typed),
      changes: ['policy', 'approvals', 'audit'],
      said: ({ version }) => says.done(version),
    });
    if (done) onClose();
  };
  return (
    <Decide
      title={says.dialog}
      isOpen
      onClose={onClose}
      isBusy={isBusy}
      ask={ask}
      problem={problem}
      answers={[
        { id: 'keep-policy', label: says.keep, kind: 'safe', press: onClose },
        seen === null
          ? {
              id: 'look-policy',
              label: says.look,
              kind: 'yes',
              isDisabled: typed.trim() === '',
              press: () => void look(),
            }
          : {
              id: 'take-policy',
              label: says.yes,
              kind: 'grave',
              isDisabled: seen.changes.length === 0,
              press: () => void take(),
            },
      ]}
      testId="import-dialog"
    >
      <Stack gap="md">
        <Textarea
          label={says.paste}
          value={typed}
          autosize
          minRows={5}
          maxRows={14}
          spellCheck={false}
          classNames={{ input: 'exact' }}
          data-testid="import-text"
          onChange={({ currentTarget }) => change(currentTarget.value)}
        />
        <FileButton accept="application/json,.json" onChange={(file) => void file?.text().then(change)}>
          {(props) => (
            <Button {...props} variant="default" size="compact-sm" className="policy-pick">
              {says.pick}
            </Button>
          )}
        </FileButton>
        {seen !== null && <Seen seen={seen} />}
      </Stack>
    </Decide>
  );
}

function Seen({ seen: { changes, notes } }: { readonly seen: PolicyChanged }): ReactNode {
  return (
    <Stack gap="sm" data-testid="import-seen">
      {changes.length === 0 ? (
        <Text>{says.noChanges}</Text>
      ) : (
        <Scroll label={says.changes}>
          <table className="policy-table">
            <thead>
              <tr>
                <th scope="col">{says.changes}</th>
                <th scope="col">{says.from}</th>
                <th scope="col">{says.to}</th>
              </tr>
            </thead>
            <tbody>
              {changes.map(({ path, from, to }) => (
                <tr key={path}>
                  <td className="exact">{visible(path)}</td>
                  <td className="exact" data-label={says.from}>
                    {from === null ? says.absent : visible(from)}
                  </td>
                  <td className="exact" data-label={says.to}>
                    {to === null ? says.absent : visible(to)}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
      {notes.length > 0 && (
        <div>
          <Text fw={600}>{says.notes}</Text>
          <ul className="reasons">
            {notes.map((note) => (
              <li key={note}>{visible(note)}</li>
            ))}
          </ul>
        </div>
      )}
    </Stack>
  );
}
