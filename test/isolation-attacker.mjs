// A program that does to a gateway what an agent could. Run as our own user and as another one; it prints, for each attack
// of isolation.ts, whether the way is open. It breaks nothing: where a check of the right is enough, it goes no further.
import { accessSync, closeSync, constants, openSync, readdirSync, readFileSync } from 'node:fs';
import { request } from 'node:http';
import { dirname, join } from 'node:path';

const { home, pid, hostSocket, agentSocket, approval } = JSON.parse(process.argv[2] ?? '{}');

const attacks = {
  store: () => readFileSync(join(home, 'countersign.db')).length > 0,
  keys: () =>
    readdirSync(join(home, 'keys')).some((name) => readFileSync(join(home, 'keys', name)).length > 0),
  channels: () => readdirSync(join(home, 'channels')).length >= 0,
  config: () => {
    closeSync(openSync(join(home, 'countersign.db'), 'a'));
    accessSync(home, constants.W_OK);
    return true;
  },
  door: async () => (await decide(hostSocket)) === 200,
  place: () => {
    accessSync(dirname(hostSocket), constants.W_OK);
    accessSync(dirname(agentSocket), constants.W_OK);
    return true;
  },
  memory: () => readFileSync(`/proc/${pid}/environ`).length > 0,
  stop: () => process.kill(pid, 0),
};

function decide(socketPath) {
  return new Promise((resolve, reject) => {
    const call = request(
      {
        socketPath,
        method: 'POST',
        path: `/api/v1/approvals/${approval}/decision`,
        headers: { host: 'localhost', 'content-type': 'application/json' },
      },
      (response) => {
        response.resume();
        response.on('end', () => resolve(response.statusCode));
      },
    );
    call.on('error', reject);
    call.end(JSON.stringify({ decision: 'approve' }));
  });
}

const found = {};
for (const [id, attack] of Object.entries(attacks)) {
  try {
    found[id] = (await attack()) ? 'open' : 'refused';
  } catch (cause) {
    found[id] = `refused: ${cause.code ?? cause.message}`;
  }
}
process.stdout.write(JSON.stringify(found));
