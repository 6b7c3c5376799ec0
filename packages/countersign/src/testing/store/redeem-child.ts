// One of several gateways on one database, each in a process of its own: redeems the grant it is given, again and again at
// once, and prints what came of each. For redeem-processes.full.test.ts.
import { createPrivateKey } from 'node:crypto';
import { readFileSync, writeSync } from 'node:fs';
import { Problem } from '@countersign/protocol/problem';
import { createGrantSigner } from '../../runtime/crypto/grant-signer.ts';
import { ApprovalBench } from '../approval-bench.ts';
import { testGrants } from '../grants.ts';
import { openTestStore } from './open.ts';

const [url = '', home = '', folder = '', count = '0'] = process.argv.slice(2);
const { token, grant }: { token: `tok_${string}`; grant: string } = JSON.parse(
  readFileSync(`${folder}/grant.json`, 'utf8'),
);
const store = await openTestStore(url, { home });
const bench = ApprovalBench.over(store, home, (one) => one.recorded);
const { clock, bus, approvals, recorded: telling } = bench;
const signer = createGrantSigner(createPrivateKey(readFileSync(`${folder}/grant.pem`)));
const { grants } = testGrants({ store, clock, bus, approvals, telling, signer });
writeSync(1, 'ready\n');
// All of them begin when the last is there.
await new Promise((resolve) => process.stdin.once('data', resolve));
const answers = await Promise.all(
  Array.from({ length: Number(count) }, () =>
    grants.redeem(grant, { kind: 'token', token }).then(() => 'redeemed', Problem.codeOf),
  ),
);
writeSync(1, `${answers.join('\n')}\n`);
await store.close();
process.exit(0);
