// A platform has ended a login of ours: written down, and said to the owners in their other chats. In the one that ended
// they would not hear it.
import type { Bus } from '../core/bus.ts';
import { ownerNotices } from '../core/owner-notices.ts';
import type { Clock } from '../core/ports.ts';
import type { Store } from '../core/store-port.ts';

interface Ports {
  readonly store: Store;
  readonly clock: Clock;
  readonly bus: Bus;
}

export class LoginsEnded {
  readonly #ports: Ports;

  constructor(ports: Ports) {
    this.#ports = ports;
  }

  async tell(channel: string, account: string, reason: string): Promise<void> {
    const { store, clock, bus } = this.#ports;
    const now = clock.now();
    const name = account === 'default' ? channel : `${channel}:${account}`;
    const text = `${name} is not connected any more: ${reason}`;
    await store.atomically(async (tx) => {
      const notices = await ownerNotices(tx, { text, once: `login_ended:${name}:${now}`, now });
      const elsewhere = notices.filter(({ peer }) => peer.channel !== channel || peer.account !== account);
      await tx.audit.append([
        {
          type: 'channel.login_ended',
          at: now,
          actor: { kind: 'system' },
          subject: { channel, account },
          outcome: 'failed',
        },
      ]);
      await tx.outbox.put(elsewhere, now);
    });
    bus.publish('outboxPut', { count: 1 });
  }
}
