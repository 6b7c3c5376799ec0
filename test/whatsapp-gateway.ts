// `countersign gateway run` with another root than WhatsApp's, for tests that want a process of its own. The root is an
// argument of this program, which is not part of what is shipped.
import { checkChain } from '../packages/countersign/src/channels/whatsapp/trust.ts';
import { runGateway } from '../packages/countersign/src/gateway/run.ts';

const [, , root = ''] = process.argv;
const publicKey = Buffer.from(root, 'hex');
const say = (line: string) => process.stdout.write(`${line}\n`);
await runGateway({
  home: process.env['COUNTERSIGN_HOME'] ?? '',
  env: process.env,
  terminal: { out: say, err: say, isTTY: false },
  stage: { whatsappChain: (chain, key) => checkChain(chain, key, { publicKey, serial: 0 }) },
});
