// What is built for channels: the running ones, adding one, and linking one to an account of a person. The same settings
// make an account that runs, one that is tried and one that is linked.
import { settingsPrint } from '../config/settings-print.ts';
import type { Bus } from '../core/bus.ts';
import type { Channel } from '../core/channel-port.ts';
import type { Credentials } from '../core/credentials-port.ts';
import type { Clock, Log, Random } from '../core/ports.ts';
import type { Store } from '../core/store-port.ts';
import { loadChannels, type Making, makeChannel, probeAccount, type Stage } from './channel-factory.ts';
import { ChannelLogins } from './channel-logins.ts';
import { ChannelsAdd } from './channels-add.ts';
import { Channels } from './channels-running.ts';
import type { ConfigHouse } from './config-house.ts';
import { LoginsEnded } from './logins-ended.ts';

interface Parts {
  readonly place: ConstructorParameters<typeof ChannelsAdd>[0]['place'];
  readonly config: ConfigHouse;
  /** False for a call in this process: nothing runs that would have to stop. */
  readonly running: boolean;
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly bus: Bus;
  readonly inbox: ConstructorParameters<typeof Channels>[0]['inbox'];
  credentials(channel: string, account: string): Credentials;
  /** Web chat lives inside the gateway and is made by hand. */
  webchat(): Channel;
  readonly stage?: Stage;
}

export interface ChannelServices {
  readonly channels: Channels;
  readonly channelsAdd: ChannelsAdd;
  readonly channelLogins: ChannelLogins;
}

export function createChannelServices(parts: Parts): ChannelServices {
  const { place, config, running, store, clock, random, log, bus, inbox, credentials, webchat } = parts;
  const { stage } = parts;
  const loginsEnded = new LoginsEnded({ store, clock, bus });
  const making = (): Making => ({
    clock,
    log,
    random,
    credentials,
    loginEnded: (channel, account, reason) => loginsEnded.tell(channel, account, reason),
    changed: (channel, account) => bus.publish('channelChanged', { channel, account }),
    publicUrl: config.current.gateway.publicUrl,
    ...(stage === undefined ? {} : { stage }),
  });
  const channels = new Channels({
    config: () => config.current,
    inbox,
    clock,
    log,
    // Web chat lives by no address of ours: its pages stay.
    print: (one) =>
      settingsPrint(one, one.channel === 'webchat' ? '' : (config.current.gateway.publicUrl ?? '')),
    prepare: loadChannels,
    changed: (of) => bus.publish('channelChanged', of),
    create: (channel, account) => {
      const one = config.current.channels.accounts.find(
        (known) => known.channel === channel && known.account === account,
      );
      if (one === undefined) return null;
      return one.channel === 'webchat' ? webchat() : makeChannel(one, making());
    },
  });
  const probe = (account: Parameters<typeof probeAccount>[0], signal: AbortSignal) =>
    probeAccount(account, making(), signal);
  return {
    channels,
    channelsAdd: new ChannelsAdd({ place, config, running, probe }),
    channelLogins: new ChannelLogins({
      store,
      clock,
      random,
      bus,
      config,
      running: running ? channels : null,
      make: async (account) => {
        await loadChannels([account.channel]);
        return makeChannel(account, making());
      },
    }),
  };
}
