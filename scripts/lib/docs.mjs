// The parts of the documents that the program itself knows best: printed from its tables between two markers, so that a
// page cannot lie about them. `node scripts/docs.mjs` writes them; test/docs.test.ts fails when one is stale.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EVENTS } from './docs-events.mjs';
import { ruleTable } from './docs-rules.mjs';
import { root } from './node.mjs';

const GATEWAY = 'packages/countersign/src';

/**
 * Every generated part: the page it stands on, the name of its markers, and the text as it should be.
 * @returns {Promise<{page: string, name: string, text: string}[]>}
 */
export async function generatedParts() {
  const { PAIRING_TABLE } = await load(`${GATEWAY}/core/pairing/machine.ts`);
  const { DEVICE_REQUEST_TABLE, DEVICE_TABLE } = await load(`${GATEWAY}/core/device/machine.ts`);
  const { CHALLENGE_TABLE } = await load(`${GATEWAY}/core/challenge/machine.ts`);
  const { APPROVAL_TABLE } = await load(`${GATEWAY}/core/approval/machine.ts`);
  const { EVENT_TYPES } = await load(`${GATEWAY}/core/audit/event.ts`);
  const { schemaAt } = await load(`${GATEWAY}/config/schema.ts`);
  return [
    { page: 'README.md', name: 'channels', text: channelTable(await allTraits()) },
    { page: 'SECURITY.md', name: 'rules', text: ruleTable() },
    { page: 'docs/spec/pairing.md', name: 'picture', text: pairingPicture(PAIRING_TABLE) },
    { page: 'docs/spec/pairing.md', name: 'transitions', text: transitions(PAIRING_TABLE) },
    { page: 'docs/spec/pairing.md', name: 'limits', text: keyTable(schemaAt(['channels', 'pairing'])) },
    {
      page: 'docs/spec/devices.md',
      name: 'requests',
      text: transitions(DEVICE_REQUEST_TABLE),
    },
    { page: 'docs/spec/devices.md', name: 'devices', text: transitions(DEVICE_TABLE) },
    { page: 'docs/spec/devices.md', name: 'challenges', text: transitions(CHALLENGE_TABLE) },
    { page: 'docs/spec/approval.md', name: 'picture', text: approvalPicture(APPROVAL_TABLE) },
    { page: 'docs/spec/approval.md', name: 'transitions', text: transitions(APPROVAL_TABLE) },
    { page: 'docs/spec/audit.md', name: 'events', text: eventTable(EVENT_TYPES) },
  ];
}

/**
 * What stands between the markers `<!-- name:begin -->` and `<!-- name:end -->`; undefined when they are missing.
 * @param {string} page
 * @param {string} name
 * @returns {string | undefined}
 */
export function partOf(page, name) {
  const [, rest] = page.split(`<!-- ${name}:begin -->\n`);
  const [part, end] = rest?.split(`\n<!-- ${name}:end -->`) ?? [];
  return end === undefined ? undefined : part;
}

/** Writes every generated part. @returns the pages that changed. */
export async function writeParts() {
  const changed = new Set();
  for (const { page, name, text } of await generatedParts()) {
    const path = join(root, page);
    const before = readFileSync(path, 'utf8');
    const part = partOf(before, name);
    if (part === undefined) throw new Error(`${page} has no markers ${name}:begin and ${name}:end`);
    if (part === text) continue;
    const [begin, end] = [`<!-- ${name}:begin -->\n`, `\n<!-- ${name}:end -->`];
    writeFileSync(
      path,
      before.replace(begin + part + end, () => begin + text + end),
    );
    changed.add(page);
  }
  return [...changed];
}

/** Traits of every channel a person can write on, as the gateway knows them. */
async function allTraits() {
  const { CHANNEL_TRAITS } = await load(`${GATEWAY}/gateway/channel-factory.ts`);
  return [...CHANNEL_TRAITS]
    .map(([channel, traits]) => ({ channel, traits }))
    .sort((a, b) => (a.channel < b.channel ? -1 : 1));
}

const PROOFS = {
  'signed-webhook': 'a signature on every delivery',
  'own-session': 'our own session with the service',
  'browser-key': 'a key kept by the browser',
  'local-bridge': 'a bridge on this machine',
  pulled: 'fetched by us, unsigned',
  none: 'nothing',
};
const INITIATES = {
  always: 'yes',
  window: 'for a while after they wrote',
  template: 'with a template',
  never: 'no',
};

function channelTable(channels) {
  const rows = channels.map(({ channel, traits }) => [
    `\`${channel}\``,
    PROOFS[traits.proof],
    traits.carrierIds === undefined ? traits.assurance : `${traits.assurance}; low by SMS`,
    INITIATES[traits.canInitiate],
    yesNo(traits.streams),
    yesNo(traits.buttons),
    `${traits.maxText}`,
  ]);
  return table(
    [
      'channel',
      'a sender is proven by',
      'assurance',
      'may write first',
      'streams',
      'buttons',
      'longest message',
    ],
    rows,
  );
}

function pairingPicture(machine) {
  return picture(machine, ['  [*] --> pending: a slot was free', '  [*] --> waiting: none was']);
}

function approvalPicture(machine) {
  return picture(machine, ['  [*] --> pending: somebody has to be asked']);
}

function picture(machine, begin) {
  const steps = Object.entries(machine).flatMap(([state, row]) =>
    Object.entries(row).flatMap(([event, step]) =>
      'to' in step ? [`  ${state} --> ${step.to}: ${event}`] : [],
    ),
  );
  return ['```mermaid', 'stateDiagram-v2', ...begin, ...steps, '```'].join('\n');
}

function transitions(machine) {
  const events = Object.keys(Object.values(machine)[0] ?? {});
  const refusal = (refused) => (typeof refused === 'string' ? `\`${refused}\`` : 'no');
  const cell = (step) => ('to' in step ? `→ **${step.to}**` : refusal(step.refused));
  const rows = Object.entries(machine).map(([state, row]) => [
    `**${state}**`,
    ...events.map((event) => cell(row[event])),
  ]);
  return table(['from', ...events], rows);
}

/** The keys of a section of the configuration that are one value each, with what the schema says of them. */
function keyTable(node) {
  const entries = Object.entries(node?.properties ?? {});
  const rows = entries.map(([key, { default: value, description }]) => [
    `\`${key}\``,
    typeof value === 'string' && value.includes('\n')
      ? 'a text of three lines'
      : `\`${JSON.stringify(value)}\``,
    (description ?? '').replaceAll('<', '&lt;'),
  ]);
  return table(['key', 'default', 'means'], rows);
}

function eventTable(types) {
  return table(
    ['event', 'tells'],
    types.map((type) => {
      if (EVENTS[type] === undefined)
        throw new Error(`the event ${type} has no sentence in scripts/lib/docs-events.mjs`);
      return [`\`${type}\``, EVENTS[type]];
    }),
  );
}

function table(heads, rows) {
  const line = (cells) => `| ${cells.join(' | ')} |`;
  return [line(heads), line(heads.map(() => '---')), ...rows.map(line)].join('\n');
}

const yesNo = (value) => (value ? 'yes' : 'no');
const load = (path) => import(join(root, path));
