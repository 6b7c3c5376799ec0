// Lines and the tier each must have, for tests of the risk tables.
import { isAtLeast, type Tier } from '@countersign/protocol/tier';
import { classify } from '../core/approval/risk/classify.ts';
import type { RiskContext } from '../core/approval/risk/risk.ts';

/** Each line is at least this. */
export interface Attack {
  readonly tier: Tier;
  readonly lines: readonly string[];
}
export type Attacks = Readonly<Record<string, Attack>>;
export type Everyday = Readonly<Record<'read' | 'write', readonly string[]>>;

const context: RiskContext = {
  home: '/home/u',
  guarded: { paths: ['/home/u/.countersign'], ports: [8787], pids: [4711] },
  rules: [],
  tools: {},
};

const judge = (shell: string): Tier =>
  classify({ kind: 'exec', shell, cwd: { path: '/home/u/code' } }, context).tier;

/** Lines that are judged lower than they must be. */
export const notRisky = ({ tier, lines }: Attack): readonly string[] =>
  lines.flatMap((line) => {
    const got = judge(line);
    return isAtLeast(got, tier) ? [] : [`${line}: ${got}`];
  });

/** Lines that are not judged as exactly this. */
export const notLight = (tier: Tier, lines: readonly string[]): readonly string[] =>
  lines.flatMap((line) => {
    const got = judge(line);
    return got === tier ? [] : [`${line}: ${got}`];
  });
