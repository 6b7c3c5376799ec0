// A role, chosen with the sentence beside it that says what it means.

import type { RoleName } from '@countersign/protocol/identity';
import { Radio, Stack } from '@mantine/core';
import type { ReactNode } from 'react';
import { text } from '../../text/say.ts';
import { isRole, ROLES } from './find.ts';

const says = text.people;

interface RolePickProps {
  readonly label: string;
  readonly help?: string;
  readonly value: RoleName;
  readonly onChange: (role: RoleName) => void;
}

export function RolePick({ label, help, value, onChange }: RolePickProps): ReactNode {
  return (
    <Radio.Group
      label={label}
      {...(help === undefined ? {} : { description: help })}
      value={value}
      onChange={(picked) => {
        if (isRole(picked)) onChange(picked);
      }}
    >
      <Stack gap="xs" mt="xs">
        {ROLES.toReversed().map((role) => (
          <Radio
            key={role}
            value={role}
            label={says.role[role]}
            description={says.roleMeans[role]}
            className="role-choice"
          />
        ))}
      </Stack>
    </Radio.Group>
  );
}
