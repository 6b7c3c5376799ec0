// The policy: what a command would meet, what holds, the rules, and the document. Every change is one value, said before it
// is made, because it ends what waits (R41).
import { Stack, Text } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import './policy.css';
import '../approvals/approvals.css';
import { useMay } from '../../app/me.ts';
import { useRead } from '../../app/queries.ts';
import { Page } from '../../parts/Page.tsx';
import { States } from '../../parts/States.tsx';
import { text } from '../../text/say.ts';
import { ProveFirst } from '../devices/ProveFirst.tsx';
import { Document } from './Document.tsx';
import { EditValue } from './EditValue.tsx';
import { Elevation } from './Elevation.tsx';
import { Holds } from './Holds.tsx';
import { KeptRules } from './KeptRules.tsx';
import { Terms } from './Terms.tsx';
import { TestCommand } from './TestCommand.tsx';
import type { Value } from './values.ts';

const says = text.policy;

export function Policy(): ReactNode {
  const mayChange = useMay()('manage');
  const policy = useRead('policy', ['now'], (api) => api.policy.get());
  const [editing, setEditing] = useState<Value | null>(null);
  const now = policy.value;
  const edit = mayChange ? setEditing : null;
  return (
    <Page title={says.title} about={says.about}>
      {!mayChange && <ProveFirst>{says.cannot}</ProveFirst>}
      <States of={policy} has={now !== null} empty={null}>
        {now !== null && (
          <Stack gap="lg">
            <Text size="sm" c="dimmed" data-testid="policy-version">
              {says.version(now.version)}
            </Text>
            <TestCommand />
            <Elevation policy={now} mayBegin={mayChange} />
            <Holds policy={now} edit={edit} />
            <Terms policy={now} edit={edit} />
            <KeptRules rules={now.rules} mayChange={mayChange} />
            <Document mayChange={mayChange} />
          </Stack>
        )}
      </States>
      {editing !== null && <EditValue key={editing.path} value={editing} onClose={() => setEditing(null)} />}
    </Page>
  );
}
