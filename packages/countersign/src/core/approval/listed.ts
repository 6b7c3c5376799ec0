// The commands of an action as they are kept and shown: the words as written, escaped, and how risky each of them is.
import { exact } from '@countersign/protocol/exact';
import { maxTier, type Tier } from '@countersign/protocol/tier';
import type { ListedThen } from './approvals-port.ts';
import type { Risk } from './risk/risk.ts';

export function listedThen({ commands, reasons }: Pick<Risk, 'commands' | 'reasons'>): ListedThen[] {
  return commands.map(({ words, via }, index) => ({
    text: exact(words.map(({ text }) => text).join(' ')),
    tier: reasons.reduce<Tier>(
      (tier, one) => (one.command === index ? maxTier(tier, one.tier) : tier),
      'read',
    ),
    via,
  }));
}
