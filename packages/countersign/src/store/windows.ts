// Proofs of a person that count again for a while. One row for each person, agent, tier, machine and session.
import type { Windows } from '../core/approval/windows-port.ts';
import type { Context } from './context.ts';
import { int } from './row.ts';

const IS_IT = 'principal = ? and agent = ? and tier = ? and host = ? and session = ?';

export function windows({ connection: c }: Context): Windows {
  return {
    async open({ principal, agent, tier, host, session }, until) {
      await c.run(
        `insert into proof_windows (principal, agent, tier, host, session, until) values (?, ?, ?, ?, ?, ?)
         on conflict (principal, agent, tier, host, session) do update set until =
           case when proof_windows.until > excluded.until then proof_windows.until else excluded.until end`,
        [principal, agent, tier, host, session ?? '', until],
      );
    },

    async until({ principal, agent, tier, host, session }, now) {
      const values = [principal, agent, tier, host, session ?? '', now];
      const [row] = await c.all(`select until from proof_windows where ${IS_IT} and until > ?`, values);
      return row === undefined ? null : int(row, 'until');
    },

    async close(principal) {
      if (principal === null) return c.run('delete from proof_windows');
      return c.run('delete from proof_windows where principal = ?', [principal]);
    },

    async prune(now) {
      return c.run('delete from proof_windows where until <= ?', [now]);
    },
  };
}
