// Where the policy cannot be had, everything that an agent asks fails: whoever looks at the house reads why, on every page.
import type { DoctorCheck } from '@countersign/protocol/gateway';
import { Problem } from '@countersign/protocol/problem';
import { storedPolicy } from '../core/approval/stored-policy.ts';
import type { HousePorts } from './house.ts';

export async function checkPolicy({ store }: Pick<HousePorts, 'store'>): Promise<DoctorCheck[]> {
  try {
    // How long people have is not looked at.
    await storedPolicy(store, { timeoutMs: 0 });
    return [];
  } catch (cause) {
    if (!(cause instanceof Problem)) throw cause;
    const { message, hint } = cause;
    return [{ name: 'policy', level: 'error', message, ...(hint === undefined ? {} : { hint }) }];
  }
}
