// The sentences of signing in and of proving: the part of the catalogue that is shown before, and beside, the pages.

const english = {
  trouble: {
    title: 'That did not work',
    again: 'Try again',
    network: 'The gateway did not answer.',
  },
  login: {
    loading: 'Asking the gateway…',
    title: 'Sign in',
    text: 'A code goes to the owner’s chat. Type it here, and this browser is known from then on.',
    canSend: 'A code can be sent now.',
    cannotSend: 'No owner’s chat can receive a code now.',
    cannotSendWhy:
      'None is linked and connected, or sending codes is switched off. The other ways below still work.',
    check: 'Check again',
    send: 'Send a code',
    sending: 'Sending…',
    haveTicket: 'I have a ticket',
    ticket: 'Ticket',
    ticketHelp: 'From /login in your own chat with the bot. It gives this browser a place of its own.',
    phraseTitle: 'Look for these two words',
    phraseText:
      'The message in the owner’s chat shows them too. If its words are others, do not type its code here.',
    code: 'Code from the message',
    codeHelp: 'Digits only; pasting works.',
    submit: 'Sign in',
    submitting: 'Checking…',
    refused: 'This code did not work. Type it again, or send a new one.',
    over: 'The time of this code is over',
    overText: 'Codes live for a short while. Nothing is lost: send another one.',
    again: 'Send a new code',
    back: 'Back',
    done: 'Signed in. One moment…',
    noCode:
      'Nothing arrived? It may take a few seconds. After many tries in a row no more codes are sent; a ticket still works.',
    network: 'The gateway did not answer. Try again.',
    off: 'Signing in by a chat code is switched off here.',
    ended: {
      title: 'This browser was signed out',
      text: 'Its access ended, here and on the gateway. You can ask to be let in again.',
      ask: 'Ask to be let in again',
    },
    others: {
      title: 'Other ways in',
      waiting: 'This browser has asked to be let in. An owner can say yes:',
      onHost: 'on the machine of the gateway',
      inChat: 'or in the owner’s chat with the bot',
      byPage: 'or on a page where the owner is signed in, under Devices.',
      until: (time: string) =>
        `The request stands until ${time}. This page goes on by itself once it is approved.`,
      asking: 'This browser is asking to be let in…',
      haveSetup: 'I have a setup code',
      setup: 'Setup code',
      setupHelp:
        'From a page where the owner is signed in, from /pair in the owner’s chat, or from countersign pair.',
      setupSend: 'Ask with it',
      chat: 'Only want to talk to the agent?',
      chatLink: 'Open the chat',
    },
  },
  home: {
    loading: 'One moment…',
    offline: 'No connection to the gateway. Trying again…',
  },
  proof: {
    title: 'Prove it is you first',
    text: 'Changing this needs a fresh proof.',
    passkey: 'Use a passkey',
    totp: 'Code from your app',
    totpHelp: 'Six digits, new every 30 seconds. Each counts once.',
    recovery: 'Recovery code',
    recoveryHelp: 'One of the ten you kept. Each works once.',
    useRecovery: 'Use a recovery code instead',
    useTotp: 'Use a code from the app instead',
    submit: 'Prove it',
    cancel: 'Cancel',
    wrong: 'This did not fit. Wait for the next code, and try again.',
    malformed: 'This does not look like a code.',
    noPasskey: 'Only a passkey counts here, and none of yours works in this browser.',
    passkeyFault: {
      cancelled: 'The passkey window was closed, or it took too long.',
      exists: 'This device already has a passkey here.',
      failed: 'This browser could not use a passkey.',
    },
  },
  factors: {
    makeCodes: 'Make recovery codes',
    passkey: {
      add: 'Add a passkey',
      text: 'Your fingerprint, your face or a security key. The strongest, and nothing to type.',
      adding: 'Follow your browser…',
      label: (browser: string) => `Passkey of ${browser}`,
      notHere: 'Passkeys work only at the home address of this gateway, in a browser that has them.',
    },
    totp: {
      add: 'Add an authenticator app',
      text: 'An app that shows six digits, new every 30 seconds.',
      scan: 'Scan this with the app',
      qr: 'QR code for the authenticator app',
      orType: 'Or type this key into it',
      copy: 'Copy the key',
      confirm: 'Then the code it shows',
      submit: 'Confirm',
      wrong: 'This code does not fit. Check that the phone’s clock is right, and take the next one.',
      cancel: 'Cancel',
    },
    recovery: {
      title: 'Your recovery codes',
      text: 'Each gets you in once when you have lost everything else. They are shown this one time. Keep them on paper, or where you keep passwords.',
      copy: 'Copy all',
      print: 'Print',
      download: 'Download',
      file: 'countersign-recovery-codes.txt',
      heading: (place: string) => `Countersign recovery codes for ${place}. Each works once.`,
      kept: 'I kept them',
    },
  },
  link: {
    title: 'Link a chat of yours',
    text: 'There the gateway can ask you, tell you and send you sign-in codes.',
    steps: [
      'If there is no bot yet: countersign channels add telegram. Then write anything to it from your own chat; it answers with a code.',
      'Then, on the machine of the gateway:',
    ],
    command: (person: string) => `countersign people link ${person} <code> --as owner`,
    proof:
      'It asks for your proof there: add --totp with a code of your app, or --recovery with one of the recovery codes.',
    later: 'You can do this any time.',
  },
};

export type HouseStrings = typeof english;
/** In the language in use: chosen before any page is loaded. */
export let house: HouseStrings = english;

export function speakHouse(other: HouseStrings): void {
  house = other;
}
