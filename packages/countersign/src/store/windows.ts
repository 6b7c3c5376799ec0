// Proofs of a person that count again for a while. One row for each person, agent, tier, machine and session. They end in the
// transaction that changes what they rest on: the person's state, role, factors, chats and devices.
import type { Windows } from '../core/approval/windows-port.ts';
import type { Context } from './context.ts';
import type { Connection, Value } from './dialects/database.ts';
import { int, textOrNull } from './row.ts';
import { fitsSeal, rowSeal } from './row-seals.ts';

const IS_IT = 'principal = ? and agent = ? and tier = ? and host = ? and session = ?';

export function windows({ connection: c, hasher }: Context): Windows {
  return {
    async open({ principal, agent, tier, host, session }, until) {
      const said = [principal, agent, tier, host, session ?? '', until];
      await c.run(
        `insert into proof_windows (principal, agent, tier, host, session, until, seal) values (?, ?, ?, ?, ?, ?, ?)
         on conflict (principal, agent, tier, host, session) do update set until = excluded.until, seal = excluded.seal
           where proof_windows.until < excluded.until or proof_windows.seal is null`,
        [...said, rowSeal(hasher, 'window-seal', said)],
      );
    },

    async until({ principal, agent, tier, host, session }, now) {
      const is = [principal, agent, tier, host, session ?? ''];
      const open = `select until, seal from proof_windows where ${IS_IT} and until > ?`;
      const [row] = await c.all(open, [...is, now]);
      if (row === undefined) return null;
      const until = int(row, 'until');
      return fitsSeal(hasher, 'window-seal', [...is, until], textOrNull(row, 'seal')) ? until : null;
    },

    async close(principal) {
      return principal === null ? c.run('delete from proof_windows') : endWindows(c, principal);
    },

    async prune(now) {
      return c.run('delete from proof_windows where until <= ?', [now]);
    },
  };
}

/** Of one person. */
export function endWindows(c: Connection, principal: string): Promise<number> {
  return c.run('delete from proof_windows where principal = ?', [principal]);
}

/** Of whoever a row belongs to. @param row what stands after `from` in a query for its `principal`. */
export function endWindowsOf(c: Connection, row: string, values: readonly Value[]): Promise<number> {
  return c.run(`delete from proof_windows where principal in (select principal from ${row})`, values);
}
