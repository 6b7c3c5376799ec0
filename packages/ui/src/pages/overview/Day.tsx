// The last day in a few numbers with words. Each leads to the events behind it; what did not happen is not counted out.
import type { Overview } from '@countersign/protocol/overview';
import { SimpleGrid, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { href } from '../../app/router.ts';
import { Panel } from '../../parts/Panel.tsx';
import { When } from '../../shared/When.tsx';
import { language, text } from '../../text/say.ts';
import { DAY_KINDS, shownCounts } from './day.ts';

const says = text.overview.day;

export function Day({ day }: { readonly day: Overview['day'] }): ReactNode {
  const counts = shownCounts(day.counts);
  const number = new Intl.NumberFormat(language);
  return (
    <Panel
      title={says.title}
      testId="day"
      actions={<a href={href('audit', { time: 'day' })}>{says.toAudit}</a>}
    >
      {counts.length === 0 ? (
        <Text c="dimmed">{says.quiet}</Text>
      ) : (
        <SimpleGrid cols={{ base: 1, xs: 2, md: 3 }} spacing="sm" component="ul" className="day">
          {counts.map(([name, count]) => (
            <li key={name}>
              <a className="day-link" href={href('audit', { time: 'day', ...DAY_KINDS[name] })}>
                <span className="day-number">{number.format(count)}</span> {says.counts[name](count)}
              </a>
            </li>
          ))}
        </SimpleGrid>
      )}
      <Text size="sm" c="dimmed">
        {says.since} <When at={day.since} />
      </Text>
    </Panel>
  );
}
