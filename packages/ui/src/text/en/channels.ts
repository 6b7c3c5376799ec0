// Where people write to the agent, and whether it works.

export const channels = {
  title: 'Channels',
  about:
    'Where people write to your agent. A channel that fails is tried again by itself and holds up no other.',
  none: 'No channel is set up yet',
  noneHint: 'Web chat works by itself. Add an account to be reachable where you already write.',
  names: {
    telegram: 'Telegram',
    webchat: 'Web chat',
    loopback: 'Loopback',
    whatsapp: 'WhatsApp, linked device',
    'whatsapp-cloud': 'WhatsApp through Meta',
    twilio: 'Twilio, SMS or WhatsApp',
    xmpp: 'XMPP',
  },
  state: {
    connected: 'connected',
    retrying: 'trying again',
    failed: 'failed',
    starting: 'starting',
    off: 'off',
  },
  /** What that means for whoever writes there. */
  means: {
    connected: 'Messages come in and go out.',
    retrying:
      'Nothing comes in now. It is tried again by itself, at least once a minute; what people write meanwhile waits at the service.',
    failed: 'Nothing comes in, and waiting will not help: somebody has to change something.',
    starting: 'It is being connected.',
    off: 'Switched off in the settings. Nobody is answered there.',
  },
  login: 'We are',
  lastIn: 'Last came in',
  lastOut: 'Last went out',
  notYet: 'nothing since the gateway started',
  who: 'Who may write',
  policy: {
    pairing: 'Whoever you let in; strangers get a code, and you decide',
    allowlist: 'Only who stands on the list; strangers are not answered',
    open: 'Everybody, without asking',
    disabled: 'Nobody: private messages are switched off',
  },
  policyChange: 'Change',
  policyChangeOf: (account: string) => `Change who may write to ${account}`,
  wrong: 'What is wrong',
  todo: 'What to do',
  hints: {
    token:
      'The token is not taken. Ask the service for the right one (for Telegram: /mybots at @BotFather) and set it in the settings.',
    network:
      'The service cannot be reached. Check that this machine has a connection; nothing else has to be done.',
    conflict:
      'Something else uses the same login. Stop the other program, or make a login of its own for this gateway.',
    library: 'A library is missing beside the gateway. Install it as said above, then restart the gateway.',
    stored:
      'Messages could not be stored. Look at free space on the gateway’s machine; countersign doctor says more.',
    link: 'Press “Link a phone” and scan the code with it.',
    banned: 'WhatsApp has shut the number out for now. Look at the phone: it says for how long.',
    outdated: 'WhatsApp wants a newer version of its library; an update of Countersign brings it.',
    impostor:
      'What answers could not prove that it is WhatsApp. Take it seriously: compare from another network, and check waWebSocketUrl in the settings.',
    busy: 'The service asks us to wait. Nothing has to be done.',
    other: 'If it stays like this, run countersign doctor on the gateway’s machine.',
  },
  off: 'Switch it on again in the settings.',
  toSettings: 'Open its settings',
  check: 'Check now',
  checkOf: (account: string) => `Check now: ${account}`,
  checking: 'Asking the service…',
  checked: 'Checked',
  checkOk: (login: string) => `The service answered: we are ${login}.`,
  checkRuns: 'It runs here; there is no service to ask.',
  checkBad: (reason: string) => `The check failed: ${reason}`,
  list: 'Accounts',
  webhook: {
    at: 'Delivers to',
    copy: 'Copy the address',
    noAddress: 'The gateway has no public address yet, so nothing can be delivered.',
    setAddress: 'Set the public address',
    /** Where that is entered, for those that are told by hand. */
    steps: {
      'whatsapp-cloud':
        'At Meta: the app, WhatsApp, Configuration, Webhook: this as the callback URL, with your verify token. Then subscribe to messages.',
      twilio:
        'At Twilio: the number, Messaging, “A message comes in”: Webhook, exactly this address, HTTP POST. For WhatsApp it is at the sender.',
    },
  },
  carrier:
    'Login codes go out by SMS (login.allowCarrier). Whoever takes over the phone number of an owner signs in as them. An authenticator app or a chat on a messenger is safer.',
  carrierOff: 'Change it in the settings',
  add: {
    button: 'Add an account',
    cannot: 'This browser may look, but not add an account yet.',
    title: 'Add an account',
    nothing: 'This build has no channel that can be added',
    show: (name: string) => `Show what was typed: ${name}`,
    channel: 'Channel',
    needs: 'What it takes',
    account: 'Name of the account',
    accountHelp: 'Lower case letters, digits, - and _. You see it here and in the audit log.',
    accountTaken: 'There is one of that name already.',
    accountBad: 'Use lower case letters, digits, - and _, at most 32.',
    from: 'Where the secret is',
    fromAll: 'Where the secrets are',
    fromKinds: { literal: 'Paste it here', env: 'In an environment variable', file: 'In a file' },
    token: 'Token',
    tokenHelp: 'It is tried and written into the gateway’s own configuration file. It is never shown again.',
    /** What each service calls it. */
    tokens: {
      telegram: 'Token of the bot',
      'whatsapp-cloud': 'Access token',
      twilio: 'Auth token',
      xmpp: 'Password',
    },
    env: (name: string) => `Variable that holds it: ${name}`,
    envHelp: 'As the gateway was started with it. Only the name is written down.',
    file: (name: string) => `File that holds it: ${name}`,
    fileHelp:
      'On the gateway’s machine, readable by it, with nothing in it but the secret. Only the path is written down.',
    missing: 'This is needed.',
    more: 'More, which can be left out',
    moreHelp: 'Every other key is in the settings once the account is there.',
    keys: {
      phoneNumberId:
        'The long number under the phone number, in the app under WhatsApp, API setup. Not the phone number itself.',
      appSecret: 'In the app under App settings, Basic. It proves that a delivery came from Meta.',
      verifyToken: 'You make it up: a long word without spaces. You enter the same at Meta.',
      loginTemplate: 'The approved template of the category authentication that carries login codes.',
      noticeTemplate: 'An approved template with one hole, for whoever has not written for 24 hours.',
      templateLanguage: 'The language both were approved in, such as en or en_US.',
      accountSid: 'On the first page of the console. It begins with AC.',
      from: 'Your number there: +15555550123 for SMS, whatsapp:+15555550123 for WhatsApp.',
      loginContentSid: 'The approved template (HX…) that carries login codes on WhatsApp.',
      noticeContentSid: 'An approved template (HX…) with one hole, for whoever has not written for 24 hours.',
      service: 'Where to connect, such as xmpps://example.org:5223.',
      domain: 'The part of the address after the @.',
      username: 'The part of the address before the @.',
    },
    /** What it takes, and where that is found. */
    takes: {
      telegram: 'a bot. In Telegram, write /newbot to @BotFather; it answers with the token.',
      whatsapp:
        'a phone with WhatsApp and a number of its own. Nothing is typed here: the phone scans a code.',
      'whatsapp-cloud':
        'a business account at Meta with an app and a number there, and a public https address of this gateway. https://developers.facebook.com',
      twilio:
        'an account with a number there, and a public https address of this gateway. Each message costs money. https://console.twilio.com',
      xmpp: 'an account of its own on an XMPP server that connects with TLS.',
    },
    warns: {
      twilio:
        'An SMS proves almost nothing: its sender can be forged. By SMS people talk; nobody approves anything and no owner signs in by it.',
    },
    submit: 'Try it and add it',
    trying: 'Trying the login…',
    cancel: 'Cancel',
    added: (login: string, account: string) => `We are ${login}. ${account} is added and running.`,
    addedQuiet: (account: string) => `${account} is added.`,
    done: 'Done',
    doneTitle: 'It works',
    weAre: 'The service says that we are',
    nextWebhook: 'The service has to be told where to deliver:',
    next: 'Write to it from your own chat: it answers with a code. Approve that under Pairings, and link it to yourself under People.',
    toPairings: 'Go to Pairings',
    others:
      'Other channels are not added here. Web chat is there already; how a channel is written stands in docs/channels/writing-a-channel.md.',
    docsSay: 'Step by step:',
  },
};
