// What needs somebody now, how the house is, and the last day in numbers.

export const overview = {
  title: 'Overview',
  about: 'What needs you comes first. This page changes by itself.',
  needs: {
    title: 'Needs you now',
    count: (count: number) => (count === 1 ? '1 thing waits for you.' : `${count} things wait for you.`),
    list: 'What needs you, the oldest first',
    none: 'Nothing needs you',
    noneHint:
      'When an agent asks for a yes, somebody asks to be let in, or something is wrong, it stands here.',
    more: (count: number) =>
      count === 1 ? '1 more stands on its own page.' : `${count} more stand on their own pages.`,
    since: 'since',
    pairing: {
      title: 'Somebody asks to talk to your agent',
      waiting: 'Somebody waits for a free place at the door',
      does: 'Until you say yes, nothing they write reaches the agent.',
      words: 'First words',
      ends: 'The request ends',
      action: 'Decide',
      actionOf: (id: string) => `Decide: ${id}`,
    },
    approval: {
      title: 'An agent asks for a yes or a no',
      does: 'Until somebody says yes it waits, and silence is a no.',
      agent: 'Agent',
      ends: 'It ends',
      action: 'Decide',
      actionOf: (short: string) => `Decide: ${short}`,
    },
    device: {
      title: 'A device asks to be let in',
      does: 'If you have not just started this yourself, turn it down.',
      ends: 'The request ends',
      action: 'Decide',
      actionOf: (id: string) => `Decide: ${id}`,
    },
    recovery: {
      title: 'Somebody is about to be recovered',
      does: 'Then all factors, recovery codes and devices of that person end. If that is not wanted, stop it before.',
      ready: 'It can be carried out',
      action: 'Look at it',
      actionOf: (id: string) => `Look at it: ${id}`,
    },
    config: {
      guarded: 'A guarded setting was changed in the file and waits',
      removal: 'Many people are gone from a list in the file at once',
      does: 'The value before is in force until you accept the new one.',
      doesRemoval: (count: number) =>
        count === 1
          ? '1 person is missing. Nobody was put out.'
          : `${count} people are missing. Nobody was put out.`,
      setting: 'Setting',
      action: 'Look at it',
      actionOf: (path: string) => `Look at it: ${path}`,
    },
    channel: {
      retrying: (name: string) => `${name} is down and is being tried again`,
      failed: (name: string) => `${name} is down`,
      does: 'Nobody who writes there is heard.',
      action: 'See what to do',
      actionOf: (name: string) => `See what to do: ${name}`,
    },
    check: {
      error: 'Something is wrong with this installation',
      warning: 'Something about this installation should be looked at',
      todo: 'What to do',
    },
  },
  health: {
    title: 'How it is',
    since: 'Started',
    notRunning: 'No gateway runs; this is what is stored.',
    version: 'Version',
    agent: 'Agent',
    channels: 'Channels',
    noChannels: 'No channel is switched on.',
    toChannels: 'See the channels',
    states: {
      connected: 'connected',
      retrying: 'trying again',
      failed: 'failed',
      starting: 'starting',
      off: 'off',
    },
    isolation: 'Isolation',
    isolations: {
      0: 'None: an agent that runs as the same user can read the gateway’s files.',
      other: (level: number) => `Level ${level}`,
    },
    test: 'Endpoints for tests are allowed: this is no house to live in.',
  },
  day: {
    title: 'The last 24 hours',
    since: 'Since',
    counts: {
      admitted: (count: number) => (count === 1 ? 'message reached the agent' : 'messages reached the agent'),
      answered: (count: number) => (count === 1 ? 'was answered' : 'were answered'),
      unanswered: (count: number) => (count === 1 ? 'could not be answered' : 'could not be answered'),
      asked: (count: number) =>
        count === 1 ? 'stranger asked to be let in' : 'strangers asked to be let in',
      letIn: (count: number) => (count === 1 ? 'was let in' : 'were let in'),
      turnedAway: (count: number) => (count === 1 ? 'was turned away' : 'were turned away'),
      putToPeople: (count: number) => (count === 1 ? 'command was asked about' : 'commands were asked about'),
      saidYes: (count: number) => (count === 1 ? 'was approved' : 'were approved'),
      saidNo: (count: number) => (count === 1 ? 'was denied' : 'were denied'),
      ranUnasked: (count: number) =>
        count === 1 ? 'command was let run unasked' : 'commands were let run unasked',
      signedIn: (count: number) =>
        count === 1 ? 'browser signed in by a code' : 'browsers signed in by a code',
      refused: (count: number) =>
        count === 1 ? 'call, order or sign-in was refused' : 'calls, orders and sign-ins were refused',
      undelivered: (count: number) =>
        count === 1 ? 'message could not be delivered' : 'messages could not be delivered',
    },
    quiet: 'Nothing happened.',
    toAudit: 'See all of it',
  },
};
