// How far an agent is kept from us: said plainly, each way named, for a wall that is not there protects nobody.
import type { DoctorCheck } from '@countersign/protocol/gateway';
import type { HousePaths } from './house.ts';
import { ATTACKS, isolationLevel } from './isolation.ts';

/** @param isProven an owner has a factor: what raises or decides takes a code that no agent has. */
export function checkIsolation(
  home: Pick<HousePaths, 'agentGid' | 'agentSocket'>,
  isProven: boolean,
): DoctorCheck[] {
  if (process.platform === 'win32')
    return [{ name: 'isolation', level: 'note', message: 'is not looked at on this system' }];
  if (isolationLevel(home) === 1)
    return [
      {
        name: 'isolation',
        level: 'ok',
        message: `level 1, as long as no agent runs as this user: it reaches ${home.agentSocket} by its group`,
      },
    ];
  return [
    {
      name: 'isolation',
      level: 'note',
      message: `level 0: an agent that runs as this user can do ${ATTACKS.length} things that no rule stops`,
      hint: 'give it a user of its own: gateway.agentGroup, and LIMITATIONS.md',
    },
    ...ATTACKS.map(
      ({ id, can, proven }): DoctorCheck => ({
        name: `isolation: ${id}`,
        level: 'note',
        message: `it can ${isProven && proven !== undefined ? proven : can}`,
      }),
    ),
  ];
}
