// One gateway a home. The second is told who holds it.
import { Problem } from '@countersign/protocol/problem';
import { type Exclusive, tryExclusive } from './exclusive.ts';
import { isAlive, readGatewayFile } from './gateway-file.ts';

interface LockPlace {
  readonly lockFile: string;
  readonly gatewayFile: string;
}

/** Holds the home until released or the process ends. @throws Problem `gateway_busy`, with pid and url when known. */
export function holdHome({ lockFile, gatewayFile }: LockPlace): Exclusive {
  const held = tryExclusive(lockFile);
  if (held !== null) return held;
  const holder = readGatewayFile(gatewayFile);
  // What a dead gateway left there is not who holds the home now.
  if (holder === null || !isAlive(holder.pid)) throw new Problem('gateway_busy');
  const { pid, url } = holder;
  throw new Problem('gateway_busy', {
    detail: `another gateway holds this home: process ${pid}, ${url}`,
    members: { pid, url },
  });
}
