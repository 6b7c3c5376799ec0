// The sentences of taking a gateway into one's care.
const english = {
  loading: 'Asking the gateway…',
  unreachable: {
    title: 'The gateway did not answer',
    text: 'Is it running? Start it with',
    again: 'Try again',
  },
  open: {
    title: 'Take this gateway into your care',
    text: 'The link you opened is good once. With it, this browser becomes the owner’s, and you decide who may talk to the agent.',
    name: 'Your name',
    nameHelp: 'People and the audit log will see it. You can change it later.',
    submit: 'Claim this gateway',
    busy: 'Claiming…',
    empty: 'Please give a name.',
    tooLong: (most: number) => `A name has at most ${most} characters.`,
  },
  unclaimed: {
    title: 'Nobody owns this gateway yet',
    text: 'The first owner comes from a claim link. It is printed where the gateway was started; this makes a new one:',
    after: 'Open the link it prints here, in this browser. It is good once, for ten minutes.',
  },
  owned: {
    title: 'This gateway has an owner',
    text: 'Nothing is left to claim. If you are its owner, sign in; if the agent behind it is for you, write to it.',
    unused: 'The claim link you opened was not needed and has not been used.',
    signIn: 'Sign in',
    chat: 'Open the chat',
  },
  wrongPlace: {
    title: 'Claiming works only at its home address',
    text: 'This page was opened at an IP address. A browser’s key belongs to the address, so claim where you will use it:',
    go: 'Continue at',
  },
  done: {
    title: (name: string) => `This gateway is yours, ${name}`,
    text: 'This browser is now known as the owner’s. It may talk to the agent without asking.',
    step: (step: number, of: number) => `Step ${step} of ${of}`,
    factor: {
      title: 'A second proof that you are you',
      text: 'With it, nobody who gets hold of this browser or of your chat can change things here.',
      other: 'Or',
      skip: 'Go on without',
      skipMeans:
        'Without it, this browser and the machine of the gateway are all there is: whoever holds either is taken for you.',
    },
    codes: {
      title: 'For the day you lose everything else',
      text: 'Ten codes on paper. Each gets you in once.',
      skip: 'Go on without codes',
      skipMeans:
        'Without them, losing your proof means recovering on the machine of the gateway, with a delay.',
    },
    link: {
      finish: 'Go to your house',
    },
    waiting: 'Letting this browser in…',
    notIn: 'This browser could not be let in yet. Everything below can be done later, on this page.',
    chat: 'Talk to your agent',
  },
  failed: {
    link: {
      title: 'This link does not open anything any more',
      text: 'It was used, has expired or was not complete. On the machine of the gateway, make a new one:',
    },
    other: 'That did not work',
    network:
      'The gateway did not answer. Try again: if the claim went through after all, this page will say so.',
  },
};

export type ClaimStrings = typeof english;
/** In the language in use: chosen before any page is loaded. */
export let claimStrings: ClaimStrings = english;

export function speakClaim(other: ClaimStrings): void {
  claimStrings = other;
}
