// Settings: the configuration as a form and as the file it is, and what belongs to this browser alone.
import { SegmentedControl, Stack } from '@mantine/core';
import type { ReactNode } from 'react';
import { Language } from '../../app/Language.tsx';
import { useMay } from '../../app/me.ts';
import { useRead } from '../../app/queries.ts';
import { go, useRoute } from '../../app/router.ts';
import { Page } from '../../parts/Page.tsx';
import { States } from '../../parts/States.tsx';
import { text } from '../../text/say.ts';
import { ProveFirst } from '../devices/ProveFirst.tsx';
import { FileView } from './FileView.tsx';
import { Form } from './Form.tsx';
import { Pending } from './Pending.tsx';
import { Push } from './Push.tsx';
import './settings.css';

const says = text.settings;
const VIEWS = ['form', 'text', 'browser'] as const;

export function Settings(): ReactNode {
  const { query } = useRoute();
  const mayChange = useMay()('manage');
  const view = VIEWS.find((one) => one === query.get('view')) ?? 'form';
  return (
    <Page title={says.title} about={says.about}>
      <SegmentedControl
        aria-label={says.views.label}
        className="set-views"
        value={view}
        onChange={(chosen) => go('settings', { view: chosen === 'form' ? null : chosen }, { replace: true })}
        data={VIEWS.map((value) => ({ value, label: says.views[value] }))}
      />
      {view === 'browser' ? (
        <Stack gap="lg">
          <Push />
          <Language />
        </Stack>
      ) : (
        <Configuration view={view} mayChange={mayChange} />
      )}
    </Page>
  );
}

interface ConfigurationProps {
  readonly view: 'form' | 'text';
  readonly mayChange: boolean;
}

function Configuration({ view, mayChange }: ConfigurationProps): ReactNode {
  const file = useRead('config', ['text'], (api) => api.config.text());
  const schema = useRead('config', ['schema'], (api) => api.config.schema());
  const isReady = file.value !== null && schema.value !== null;
  return (
    <>
      {!mayChange && <ProveFirst>{says.cannot}</ProveFirst>}
      <Pending mayChange={mayChange} />
      <States
        of={{
          problem: file.problem ?? schema.problem,
          isLoading: file.isLoading || schema.isLoading,
          again: () => {
            file.again();
            schema.again();
          },
        }}
        has={isReady}
        empty={null}
      >
        {file.value !== null &&
          schema.value !== null &&
          (view === 'form' ? (
            <Form schema={schema.value} file={file.value} mayChange={mayChange} />
          ) : (
            <FileView file={file.value} />
          ))}
      </States>
    </>
  );
}
