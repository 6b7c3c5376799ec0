// Factors: seeds and keys sealed and bound to their row. A step, a counter and a recovery code are each taken by one
// conditional update: of many at once one wins (R3, R26).
import type { FactorId, PrincipalId, RecoveryId } from '@countersign/protocol/ids';
import type {
  FactorRow,
  Factors,
  PasskeyData,
  Recoveries,
  RecoveryRow,
} from '../core/factor/factors-port.ts';
import { after, type Context, openOrNull, sealOrNull, together } from './context.ts';
import type { Connection, Row, Value } from './dialects/database.ts';
import { bytes, bytesOrNull, int, intOrNull, text, textOrNull, word } from './row.ts';
import { fitsSeal, rowSeal } from './row-seals.ts';
import { endWindows, endWindowsOf } from './windows.ts';

const SELECT = `select id, principal, kind, label, secret, passkey, counter, state, last_step, last_used_at, created_at
  from factors`;

const FAILURE = ['principal', 'surface', 'count', 'last_at'];
const ANNOUNCED = ['id', 'principal', 'state', 'started_at', 'ready_at'];
const NEW = [
  'id',
  'principal',
  'kind',
  'label',
  'secret',
  'credential',
  'passkey',
  'counter',
  'state',
  'created_at',
];

const REMOVED = `update factors set state = 'removed', secret = null, passkey = null, last_used_at = ?`;

type Column = 'label' | 'secret' | 'passkey';

export function factors(context: Context): Factors {
  const { connection: c, vault, hasher, database, inside } = context;
  // Bound to the person too: a row given to somebody else does not open there.
  const bind = (column: Column, id: FactorId, of: PrincipalId) => `factors/${column}/${id}/${of}`;

  const read = (row: Row): FactorRow => {
    const id = word<FactorId>(row, 'id');
    const principal = word<PrincipalId>(row, 'principal');
    const sealed = openOrNull(context, bytesOrNull(row, 'passkey'), bind('passkey', id, principal));
    // A parser's cast: sealed by add, bound to this row. The counter has a column of its own, for it rises.
    const stored = sealed === null ? null : (JSON.parse(sealed) as PasskeyData);
    return {
      id,
      principal,
      kind: word(row, 'kind'),
      label: vault.open(bytes(row, 'label'), bind('label', id, principal)),
      secret: openOrNull(context, bytesOrNull(row, 'secret'), bind('secret', id, principal)),
      passkey: stored === null ? null : { ...stored, counter: intOrNull(row, 'counter') ?? 0 },
      state: word(row, 'state'),
      lastStep: intOrNull(row, 'last_step'),
      lastUsedAt: intOrNull(row, 'last_used_at'),
      createdAt: int(row, 'created_at'),
    };
  };

  return {
    add: ({ id, principal, kind, label, secret, passkey, state, createdAt }) => {
      const seal = (column: Column, plain: string | null) =>
        sealOrNull(context, plain, bind(column, id, principal));
      const row: Value[] = [
        id,
        principal,
        kind,
        vault.seal(label, bind('label', id, principal)),
        seal('secret', secret),
        passkey?.credential ?? null,
        seal('passkey', passkey === null ? null : JSON.stringify(passkey)),
        passkey?.counter ?? null,
        state,
        createdAt,
      ];
      return together(context, async ({ connection }) => {
        if ((await connection.insertNew('factors', NEW, [row])).size !== 1) return 'taken';
        if (state === 'active') await endWindows(connection, principal);
        return 'added';
      });
    },

    async get(id) {
      const [row] = await c.all(`${SELECT} where id = ?`, [id]);
      return row === undefined ? null : read(row);
    },

    async find(what) {
      const id = what.startsWith('fac_') ? what : `fac_${what}`;
      if (id.length < 7) return [];
      const rows = await c.all(
        `${SELECT} where id >= ? and id < ? and state <> 'removed' order by n limit 20`,
        [id, after(id)],
      );
      return rows.map(read);
    },

    async of(principal) {
      const rows = await c.all(`${SELECT} where principal = ? and state <> 'removed' order by n`, [
        principal,
      ]);
      return rows.map(read);
    },

    async byCredential(credential) {
      const [row] = await c.all(`${SELECT} where credential = ? and state = 'active'`, [credential]);
      return row === undefined ? null : read(row);
    },

    async anyOwnerHas() {
      const rows = await c.all(
        `select factors.id from factors join principals on principals.id = factors.principal
         where principals.role = 'owner' and factors.state = 'active' limit 1`,
      );
      return rows.length > 0;
    },

    async has(principal) {
      const own = `select id from factors where principal = ? and state = 'active' limit 1`;
      return (await c.all(own, [principal])).length > 0;
    },

    confirm: (id, step, at) =>
      together(context, async ({ connection }) => {
        const active = `update factors set state = 'active', last_step = ?, last_used_at = ? where id = ? and state = 'pending'`;
        if ((await connection.run(active, [step, at, id])) !== 1) return false;
        await endWindowsOf(connection, 'factors where id = ?', [id]);
        return true;
      }),

    async acceptStep(id, step, at) {
      const touched = await c.run(
        `update factors set last_step = ?, last_used_at = ?
         where id = ? and state = 'active' and (last_step is null or last_step < ?)`,
        [step, at, id, step],
      );
      return touched === 1;
    },

    async acceptCounter(id, counter, at) {
      // Some authenticators keep no counter: theirs stays at zero.
      const touched = await c.run(
        `update factors set counter = ?, last_used_at = ?
         where id = ? and state = 'active' and (counter < ? or (counter = 0 and counter = ?))`,
        [counter, at, id, counter, counter],
      );
      return touched === 1;
    },

    async remove(id, at) {
      if (inside) await database.takeTurn(c, 'factors');
      return (await c.run(`${REMOVED} where id = ? and state <> 'removed'`, [at, id])) === 1;
    },

    async removeAll(principal, at) {
      if (inside) await database.takeTurn(c, 'factors');
      const gone = `${REMOVED} where principal = ? and state <> 'removed' returning id`;
      return (await c.all(gone, [at, principal])).map((row) => word<FactorId>(row, 'id'));
    },

    setRecovery: (principal, hashes) =>
      together(context, async ({ connection }) => {
        // In the order of the positions: of two replacements at once the second waits and then stands whole.
        for (const [position, hash] of hashes.entries()) {
          await connection.run(
            `insert into recovery_codes (principal, position, hash, seal) values (?, ?, ?, ?)
             on conflict (principal, position) do update set hash = excluded.hash, seal = excluded.seal, used_at = null`,
            [principal, position, hash, rowSeal(hasher, 'recovery-seal', [principal, position, hash])],
          );
        }
        const rest = 'delete from recovery_codes where principal = ? and position >= ?';
        await connection.run(rest, [principal, hashes.length]);
        await endWindows(connection, principal);
      }),

    async recovery(principal) {
      const unused = `select position, hash, seal from recovery_codes
        where principal = ? and used_at is null order by position`;
      // Anybody can hash a code of their own; without the key nobody makes it one of this person's.
      return (await c.all(unused, [principal])).flatMap((row) => {
        const one = { position: int(row, 'position'), hash: text(row, 'hash') };
        const said = [principal, one.position, one.hash];
        return fitsSeal(hasher, 'recovery-seal', said, textOrNull(row, 'seal')) ? [one] : [];
      });
    },

    async useRecovery(principal, position, hash, at) {
      // With its seal: whoever only unsays the use finds it worth nothing.
      const used = `update recovery_codes set used_at = ?, seal = null
        where principal = ? and position = ? and hash = ? and used_at is null`;
      return (await c.run(used, [at, principal, position, hash])) === 1;
    },

    async counted(principal, surface, seen, at) {
      if (seen.count === 0) {
        return (await c.insertNew('factor_failures', FAILURE, [[principal, surface, 1, at]])).size === 1;
      }
      const more = `update factor_failures set count = count + 1, last_at = ?
        where principal = ? and surface = ? and count = ? and last_at = ?`;
      return (await c.run(more, [at, principal, surface, seen.count, seen.lastAt])) === 1;
    },

    async failed(principal, surface, at) {
      const [row] = await c.all(
        `insert into factor_failures (principal, surface, count, last_at) values (?, ?, 1, ?)
         on conflict (principal, surface) do update set count = factor_failures.count + 1, last_at = excluded.last_at
         returning count`,
        [principal, surface, at],
      );
      return row === undefined ? 1 : int(row, 'count');
    },

    async failures(principal, surface) {
      const [row] = await c.all(
        'select count, last_at from factor_failures where principal = ? and surface = ?',
        [principal, surface],
      );
      return row === undefined
        ? { count: 0, lastAt: 0 }
        : { count: int(row, 'count'), lastAt: int(row, 'last_at') };
    },

    async cleared(principal, surface) {
      await c.run('delete from factor_failures where principal = ? and surface = ?', [principal, surface]);
    },

    async clearedAll(principal) {
      await c.run('delete from factor_failures where principal = ?', [principal]);
    },

    async eased(principal, from, to) {
      const eased = 'update factor_failures set count = ? where principal = ? and count >= ?';
      await c.run(eased, [to, principal, from]);
    },
  };
}

export function recoveries({ connection: c }: Context): Recoveries {
  const RECOVERY = 'select id, principal, state, started_at, ready_at, ended_at from recoveries';
  const read = (row: Row): RecoveryRow => ({
    id: word<RecoveryId>(row, 'id'),
    principal: word<PrincipalId>(row, 'principal'),
    state: word(row, 'state'),
    startedAt: int(row, 'started_at'),
    readyAt: int(row, 'ready_at'),
    endedAt: intOrNull(row, 'ended_at'),
  });
  return {
    async start({ id, principal, startedAt, readyAt }) {
      const row = [id, principal, 'announced', startedAt, readyAt];
      return (await c.insertNew('recoveries', ANNOUNCED, [row])).size === 1 ? 'started' : 'exists';
    },
    async open(principal) {
      const [row] = await c.all(`${RECOVERY} where principal = ? and state = 'announced'`, [principal]);
      return row === undefined ? null : read(row);
    },
    async announced() {
      return (await c.all(`${RECOVERY} where state = 'announced' order by started_at, id`)).map(read);
    },
    async lastDone(principal) {
      const done = `${RECOVERY} where principal = ? and state = 'done' order by ended_at desc limit 1`;
      const [row] = await c.all(done, [principal]);
      return row === undefined ? null : read(row);
    },
    async find(what) {
      const id = what.startsWith('rec_') ? what : `rec_${what}`;
      if (id.length < 7) return [];
      return (await c.all(`${RECOVERY} where id >= ? and id < ? limit 20`, [id, after(id)])).map(read);
    },
    async end(id, to, at) {
      const ready = to === 'done' ? 'and ready_at <= ?' : '';
      const ended = `update recoveries set state = ?, ended_at = ? where id = ? and state = 'announced' ${ready}`;
      return (await c.run(ended, [to, at, id, ...(ready === '' ? [] : [at])])) === 1;
    },
  };
}

/** What is known of a person's factors goes with them. */
export async function forgetFactors(c: Connection, principal: PrincipalId): Promise<void> {
  for (const table of ['factors', 'recovery_codes', 'factor_failures', 'recoveries']) {
    await c.run(`delete from ${table} where principal = ?`, [principal]);
  }
}
