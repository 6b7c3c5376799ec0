// What is taken once, or so often: claims, nonces, rate limits. Each take is one conditional write, and the rows it
// touched are the answer.
import type { Claims, Limits, Nonces } from '../core/store-port.ts';
import { type Context, joined } from './context.ts';
import { int } from './row.ts';

export function claims({ connection: c }: Context): Claims {
  return {
    async issue(hash, expiresAt) {
      await c.run(
        `insert into claims (one, hash, expires_at) values (1, ?, ?)
         on conflict (one) do update set hash = excluded.hash, expires_at = excluded.expires_at`,
        [hash, expiresAt],
      );
    },

    async take(hash, now) {
      return (await c.run('delete from claims where hash = ? and expires_at > ?', [hash, now])) === 1;
    },
  };
}

export function nonces({ connection: c, hasher }: Context): Nonces {
  return {
    async take(namespace, value, until) {
      const key = hasher.keyed('nonce', joined('nonce', namespace, value));
      return (await c.insertNew('nonces', ['value', 'until'], [[key, until]])).size === 1;
    },

    async prune(now) {
      return c.run('delete from nonces where until <= ?', [now]);
    },
  };
}

export function limits({ connection: c }: Context): Limits {
  return {
    // A bucket is the moment at which it is full again: each token moves it on by one refill, and there is one to take
    // while that moment is less than a whole bucket away.
    async take(key, { burst, refillMs }, now) {
      const latest = now + (burst - 1) * refillMs;
      const touched = await c.run(
        `insert into limits (key, full_at) values (?, ?)
         on conflict (key) do update set full_at = case when limits.full_at > ? then limits.full_at else ? end + ?
         where limits.full_at <= ?`,
        [key, now + refillMs, now, now, refillMs, latest],
      );
      if (touched === 1) return 0;
      const [row] = await c.all('select full_at from limits where key = ?', [key]);
      return row === undefined ? refillMs : Math.max(1, int(row, 'full_at') - latest);
    },

    async wait(key, { burst, refillMs }, now) {
      const [row] = await c.all('select full_at from limits where key = ?', [key]);
      return row === undefined ? 0 : Math.max(0, int(row, 'full_at') - now - (burst - 1) * refillMs);
    },

    async prune(before) {
      return c.run('delete from limits where full_at < ?', [before]);
    },
  };
}
