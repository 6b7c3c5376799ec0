// The rules of SECURITY.md and where each is tried: read from the tests that name them (H = an attack seen elsewhere,
// R = a rule we set ourselves), so that a rule without a test is not on the list.
import { read, typescriptFiles } from './files.mjs';
import { root } from './node.mjs';

/** @type {Record<string, string>} */
const RULES = {
  H01: 'A user name can change hands; it never matches an entry that was made for an id.',
  H02: 'A display name or an e-mail address is never an identity.',
  H03: 'Two ids that look alike are two ids: no folding of case, accents or punctuation.',
  H04: 'The same id on another account or realm is somebody else.',
  H05: 'An empty or anonymous id is nobody, and ids match whole, never by their ending.',
  H06: 'The id of a conversation is never taken for the id of a sender.',
  H07: 'The id of a group is never the id of a person.',
  H08: 'An id that could not be resolved is held back, not guessed.',
  H09: 'A wildcard in a list of owners or approvers is refused when the configuration is read.',
  H10: 'An empty list or a missing policy lets nobody in.',
  H11: 'When a channel cannot say where a message was written, the strictest policy applies.',
  H12: 'What a client says about its own sender, route or rights is refused or ignored.',
  H13: 'An approval counts on its own channel and account, and nowhere else.',
  H14: 'An older store is read by the account it belonged to, and by no other.',
  H15: 'A right to write directly is no right to speak in a group, and the other way round.',
  H16: 'Strangers on one account use up nothing of another account.',
  H17: 'Nothing is written and nothing is answered before the proof was checked.',
  H18: 'Reactions, edits and buttons go through the same door as messages.',
  H19: 'Nothing is sent to somebody whom the policy keeps out.',
  H20: 'Whoever asks to be let in cannot say yes to themselves.',
  H21: 'A verb needs the same right on every surface.',
  H22: 'The account that the proof belongs to decides, not the path.',
  H23: 'A client gives its credential only to the gateway it was paired with, whatever an address says.',
  H24: 'A page of another origin, another port or a rebound host name can neither read nor write.',
  H25: 'Rights that a client declares are not rights.',
  H26: 'No road of approval gives more than its caller holds.',
  H27: 'Renewing a token never widens it.',
  H28: 'Coming back with a wish for more is a new request; the old rights stay as they are.',
  H29: 'A repeated request does not grow, and nothing is decided by being the latest.',
  H30: 'A setup code fits one role, once, for a short time.',
  H31: 'What was revoked stays revoked, for every session.',
  H32: 'Nobody becomes local by an address or a header.',
  H33: 'A device sees and decides nothing but its own request.',
  H34: 'Empty, missing, doubled and unknown scopes give nothing.',
  H35: 'A capability works only after its own approval.',
  H36: 'A shared secret gives an unknown key no rights.',
  H37: 'A client pins the gateway’s key.',
  H38: 'Secrets and codes appear in no log and no address, and files are private from their first byte.',
  H39: 'A right to write is no right to approve.',
  H40: 'A button pressed, repeated or forged by somebody else decides nothing.',
  H41: 'Nobody approves their own request, on whatever connection.',
  H42: 'A changed environment voids an approval.',
  H43: 'What is compared is the action itself, not its picture.',
  H44: 'A file or folder swapped after approval is refused.',
  H45: 'Who runs the command checks what it is about to run.',
  H46: 'What is approved is shown whole.',
  H47: 'Programs that run other programs are unwrapped or asked about.',
  H48: 'The checker and the runner read a command alike.',
  H49: 'Silence, a timeout and a cancel are no yes.',
  H50: 'Nothing runs without a decision.',
  H51: 'No change of the configuration stands in for a yes.',
  H52: 'Every road to a tool asks.',
  H53: 'What a tool says of its own risk is not believed.',
  H54: 'A report of a run without a grant is refused.',
  H55: 'No side road ends an open approval.',
  H56: 'Two approvals at once are never mixed up.',
  H57: 'A flood of prompts is gathered, paused and told.',
  H58: 'Forwarded or quoted words begin nothing and decide nothing.',
  H59: 'A channel without its secret does not start, and unsigned deliveries are refused.',
  H60: 'The same delivery twice has one effect.',
  H61: 'A delivery is known again however its signature is spelled.',
  H62: 'Equal message ids on two accounts are two messages.',
  H63: 'Headers are checked before a body is read, and bodies are bounded.',
  H64: 'One network address is one bucket, however it is spelled.',
  H65: 'A session key that a caller names must be its own.',
  H66: 'A redirect never carries a credential along.',
  H67: 'Two people never share a session by accident.',
  H68: 'What somebody types about who they are changes nothing.',
  H69: 'A one-time password works once, whoever asks at the same moment.',
  H70: 'A login code works in the browser that asked for it, and no agent sees it.',
  H71: 'Failing on purpose locks out whoever fails, nobody else.',
  H72: 'Nothing is configured from the folder the program was started in.',
  R1: 'Codes are drawn evenly from a secure source.',
  R2: 'Codes end soon.',
  R3: 'What may be used once is used once, also by two at the same moment.',
  R4: 'Guessing codes is counted and slowed down.',
  R5: 'Asking for a new code does not reset the count.',
  R6: 'A code opens the request it was made for, and a newer request voids the older code.',
  R7: 'A secret crosses from one channel to the other; a bare tap is not enough.',
  R8: 'Prompts are limited since the last success.',
  R9: 'A code in a chat is one factor, never two.',
  R10: 'Where it matters, a passkey can be demanded.',
  R11: 'The second channel proves possession and is encrypted.',
  R12: 'A locked screen does not show the secret.',
  R13: 'Outside, an unknown person and a known one get the same answer.',
  R14: 'People are told of new sign-ins and changed factors.',
  R15: 'Secrets with little chance in them are kept as keyed hashes.',
  R16: 'A pairing code holds forty bits at least.',
  R17: 'Polling has its pace, and guessing a device code is hopeless.',
  R18: 'A typed code is read in any case and spacing, and what cannot be a code is never looked up.',
  R19: 'A link with a secret inside does nothing by being opened.',
  R20: 'No road gives more than the one who says yes may give.',
  R21: 'A request cannot change once it is shown; a change is a new request.',
  R22: 'There is no approving of whichever came last.',
  R23: 'Caps hold when many ask at once.',
  R24: 'A setup code gives no lasting right before it is approved.',
  R25: 'A one-time password is good for its step and one beside it.',
  R26: 'A step that was used, or is older, is refused for good.',
  R27: 'Seeds are long, random and sealed.',
  R28: 'Failed passwords cost growing waits.',
  R29: 'Time is the server’s.',
  R30: 'One code, one action.',
  R31: 'A passkey’s answer is checked in every part.',
  R32: 'A passkey signs the very action that was shown.',
  R33: 'A lost factor is replaced with the care it was enrolled with.',
  R34: 'Changing factors or approvers needs a fresh proof.',
  R35: 'There is one canonical form, and what has none is refused.',
  R36: 'Changing any field of an action voids its approval.',
  R37: 'What is approved is what was shown, whole.',
  R38: 'Waits grow after failures, and a raised state ends by itself.',
  R39: 'The prompt and the factor travel apart where it matters.',
  R40: 'Checking and using up are one step.',
  R41: 'A change of policy voids what is open.',
  R42: 'Every error ends in no.',
  R43: 'No flag of a client counts as a yes.',
  R44: 'What was verified is what is started.',
  R45: 'The environment of a command is a list of what is allowed.',
  R46: 'Wrappers are opened or refused, and never remembered.',
  R47: 'Invisible and direction-changing characters are made visible.',
  R48: 'Who approves is proven, never read from a field.',
  R49: 'A model may advise and never decides.',
  R50: 'What weighs most takes two people and human time.',
  R51: 'A hook answers no before its host gives up.',
  R52: 'Requests have ids nobody guesses.',
  R53: 'Both sides show the same short phrase.',
  R54: 'Nobody can be rung who was not paired before.',
  R55: 'Details that are not understood are refused whole.',
  R56: 'Reference tokens are long, random and new each time.',
  R57: 'Signed tokens are checked for algorithm, key, type, audience and time.',
  R58: 'An exchanged token keeps its person and never widens.',
  R59: 'Asking about a token needs a caller, and a bad token tells nothing.',
  R60: 'A proof of possession fits one call, once.',
  R61: 'What belongs to one session or one account opens no other.',
  R62: 'Revoking works at once.',
  R63: 'Sessions end, idle or not.',
  R64: 'Secrets stay out of chats and models, but for the named exceptions.',
  R65: 'Every decision and every denial is in the audit, without secrets.',
  R66: 'A changed, missing or reordered audit event is found.',
  R67: 'A display name is data: short, escaped, quoted, after the id.',
  R68: 'How a caller came in is a fact of the listener, never of an address, a header or a path.',
};

/** Rules with the files that try them. @returns {Map<string, string[]>} */
function triedRules() {
  const tried = new Map();
  for (const path of typescriptFiles(root).filter(isTestOrSuite)) {
    for (const rule of rulesNamedIn(read(root, path))) tried.set(rule, [...(tried.get(rule) ?? []), path]);
  }
  return new Map([...tried].sort(([a], [b]) => order(a) - order(b)));
}

/** Rules named in the titles of tests, and in the comment a test file opens with. */
export function rulesNamedIn(text) {
  const opening = /^(?:\/\/.*\n)*/.exec(text)?.[0] ?? '';
  const titles = [
    ...text.matchAll(/\b(?:test|it|describe)(?:\.\w+)?(?:\([^'"`]*\))?\(\s*(['"`])(.*?)\1/gs),
  ].map(([, , title]) => title);
  const named = [opening, ...titles].flatMap((part) => part.match(/\b[HR]\d{1,2}\b/g) ?? []);
  return new Set(named.map((rule) => rule.replace(/^R0+/, 'R')));
}

export function ruleTable() {
  const rows = [...triedRules()].map(([rule, paths]) => {
    if (RULES[rule] === undefined)
      throw new Error(`${rule}, named in ${paths[0]}, has no sentence in scripts/lib/docs-rules.mjs`);
    return `| ${rule} | ${RULES[rule]} | ${paths.map((path) => `[${short(path)}](${path})`).join(', ')} |`;
  });
  return ['| rule | holds | tried in |', '| --- | --- | --- |', ...rows].join('\n');
}

/** Tests, and the suites that several tests run. */
const isTestOrSuite = (path) =>
  /\.test\.tsx?$/.test(path) || path.startsWith('packages/countersign/src/testing/');

const short = (path) => path.replace(/^packages\/countersign\/src\//, '').replace(/^packages\//, '');
const order = (rule) => (rule.startsWith('H') ? 0 : 1000) + Number(rule.slice(1));
