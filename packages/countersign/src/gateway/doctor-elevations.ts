// Whoever looks at the house sees what runs in it unasked.
import { exact } from '@countersign/protocol/exact';
import type { DoctorCheck } from '@countersign/protocol/gateway';
import { isoTime } from '@countersign/protocol/time';
import type { HousePorts } from './house.ts';

export async function checkElevations({
  store,
  clock,
}: Pick<HousePorts, 'store' | 'clock'>): Promise<DoctorCheck[]> {
  const live = await store.elevations.live(clock.now());
  return live.map(({ agent, until }) => ({
    name: 'elevation',
    level: 'warning',
    message: `${exact(agent)} may do what is elevated unasked until ${isoTime(until)}`,
    hint: 'countersign elevate end',
  }));
}
