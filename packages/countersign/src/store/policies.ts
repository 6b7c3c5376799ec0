// The policy by version: each a document, sealed, for its rules hold whole commands. The next version is a row that only one
// can write.
import { Problem } from '@countersign/protocol/problem';
import type { Policies } from '../core/approval/approvals-port.ts';
import { approvalTurn } from './approvals.ts';
import { type Context, together } from './context.ts';
import { versionTold } from './policy-told.ts';
import { bytes, int } from './row.ts';

const COLUMNS = ['version', 'document', 'at'];
const bind = (version: number) => `policies/document/${version}`;

export function policies(context: Context): Policies {
  const newest = async ({ connection }: Context) => {
    const [row] = await connection.all(
      'select version, document from policies where version = (select max(version) from policies)',
    );
    return row;
  };
  return {
    async current() {
      await approvalTurn(context);
      const row = await newest(context);
      if (row === undefined) return null;
      const version = int(row, 'version');
      return { version, json: context.vault.open(bytes(row, 'document'), bind(version)) };
    },

    told: () => versionTold(context),

    replace: (from, { version, json, at }) =>
      together(context, async (inside) => {
        // Versions without a gap: the primary key is the compare-and-set.
        if (version !== from + 1)
          throw new Problem('internal', { detail: 'a policy is followed by the next' });
        await approvalTurn(inside);
        const row = await newest(inside);
        // Where the newest was taken away, the next is not what was taken: a number stands for one policy, ever.
        const held = row === undefined ? 0 : int(row, 'version');
        if (Math.max(held, await versionTold(inside)) !== from) return false;
        const values = [version, context.vault.seal(json, bind(version)), at];
        return (await inside.connection.insertNew('policies', COLUMNS, [values])).size === 1;
      }),
  };
}
