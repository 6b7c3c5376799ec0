// Who says yes to what is how risky, how long silence may last, and with which proof.
import type { PolicyView } from '@countersign/protocol/policy';
import { Stack } from '@mantine/core';
import type { ReactNode } from 'react';
import { Facts } from '../../parts/Facts.tsx';
import { Panel } from '../../parts/Panel.tsx';
import { text } from '../../text/say.ts';
import { TierBadge } from '../approvals/ActionView.tsx';
import { Scroll } from './Scroll.tsx';
import { type Edit, ValueButton } from './ValueButton.tsx';
import { stepUpValues, TIER_FIELDS, tierValue } from './values.ts';

const says = text.policy;

export function Terms({ policy, edit }: { readonly policy: PolicyView; readonly edit: Edit }): ReactNode {
  return (
    <>
      <Panel title={says.tiers.title} testId="policy-tiers">
        <Scroll label={says.tiers.title}>
          <table className="policy-table">
            <thead>
              <tr>
                <th scope="col">{says.tiers.tier}</th>
                {TIER_FIELDS.map((field) => (
                  <th scope="col" key={field}>
                    {says.tiers[field]}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {policy.tiers.map((row) => (
                <tr key={row.tier}>
                  <th scope="row">
                    <TierBadge tier={row.tier} />
                  </th>
                  {TIER_FIELDS.map((field) => (
                    <td key={field} data-label={says.tiers[field]}>
                      <ValueButton value={tierValue(row, field, says)} edit={edit} />
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      </Panel>
      <Panel title={says.stepUp.title} testId="policy-step-up">
        <Stack gap="sm">
          <Facts
            facts={stepUpValues(policy, says).map((value) => [
              value.label,
              <ValueButton key={value.path} value={value} edit={edit} />,
            ])}
          />
        </Stack>
      </Panel>
    </>
  );
}
