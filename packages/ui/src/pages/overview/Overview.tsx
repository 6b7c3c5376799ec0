// The overview: what needs somebody now, the oldest first; how the house is; the last day in a few numbers. Nothing is
// decided here: each need leads to the place where it is read whole and decided.
import { Stack } from '@mantine/core';
import type { ReactNode } from 'react';
import './overview.css';
import { useRead } from '../../app/queries.ts';
import { Page } from '../../parts/Page.tsx';
import { States } from '../../parts/States.tsx';
import { text } from '../../text/say.ts';
import { Tour } from '../../tour/Tour.tsx';
import { Day } from './Day.tsx';
import { Health } from './Health.tsx';
import { Needs } from './Needs.tsx';
import { isHere } from './needs.ts';

const says = text.overview;

export function Overview(): ReactNode {
  const overview = useRead('overview', ['now'], (api) => api.overview());
  const now = overview.value;
  const needs = now?.needs.filter(isHere) ?? [];
  return (
    <Page title={says.title} about={says.about}>
      <States of={overview} has={now !== null} empty={null}>
        {now !== null && (
          <Stack gap="lg">
            {needs.length === 0 && <Tour />}
            <Needs needs={needs} more={now.more} />
            {/* Below what waits for somebody: that is what the page is for. */}
            {needs.length > 0 && <Tour />}
            <Health health={now.health} />
            <Day day={now.day} />
          </Stack>
        )}
      </States>
    </Page>
  );
}
