// The first four steps in a house that is nearly empty.

export const tour = {
  title: 'Four steps, and you are set',
  progress: (done: number, of: number) => `${done} of ${of} done`,
  skip: 'Skip the tour',
  finish: 'Done, hide this',
  again: 'Show the first steps again',
  isDone: 'done',
  isOpen: 'open',
  steps: {
    look: {
      title: 'Know where things are',
      text: 'This page shows what needs you, oldest first. What agents ask to run is under Approvals, people who knock are under Pairings, and what runs by itself says the Policy; everything that ever happened is under Audit. Press ? for the keys.',
      action: 'Got it',
    },
    chat: {
      title: 'Link your own chat',
      text: 'Sign-in codes and questions go there, and you can answer from your phone. Add a bot, write to it from your own chat, then approve and link that chat to yourself.',
      addBot: 'Add a bot',
      link: 'Link it to me',
      byCommand: 'Or on the gateway’s machine:',
    },
    factor: {
      title: 'Make sure that you are you',
      text: 'A passkey or an authenticator app. From then on nobody changes anything here without it, even with your browser in their hands.',
      action: 'Add a factor',
    },
    people: {
      title: 'Let somebody in',
      text: 'Send a friend to your bot, or try it yourself in the web chat with another browser: whoever writes first gets a code and waits under Pairings.',
      action: 'Go to Pairings',
      chat: 'Open the web chat',
    },
  },
};
