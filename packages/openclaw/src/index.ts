// The OpenClaw plugin's entry. It registers nothing yet, and says so by refusing to start: a plugin that loaded quietly
// would look like protection. Invariant: OpenClaw never runs believing that Countersign guards it when it does not.

/** What OpenClaw's plugin loader asks of an entry module's default export. */
interface PluginEntry {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  register(): never;
}

const REFUSAL =
  'countersign: this version of the plugin carries no identity and gates no tool call yet. ' +
  'Disable it (openclaw plugins disable countersign) and put the gateway in front of the agent instead.';

const entry: PluginEntry = {
  id: 'countersign',
  name: 'Countersign',
  description: 'Carries proven identity and approvals into OpenClaw.',
  register() {
    throw new Error(REFUSAL);
  },
};

export default entry;
