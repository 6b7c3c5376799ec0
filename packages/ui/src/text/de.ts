// German, whole: what English says, on every page.
import { approvals } from './de/approvals.ts';
import { audit } from './de/audit.ts';
import { channels } from './de/channels.ts';
import { devices } from './de/devices.ts';
import { factors } from './de/factors.ts';
import { linking } from './de/linking.ts';
import { overview } from './de/overview.ts';
import { pairings } from './de/pairings.ts';
import { people } from './de/people.ts';
import { policy } from './de/policy.ts';
import { push } from './de/push.ts';
import { sessions } from './de/sessions.ts';
import { settings } from './de/settings.ts';
import { shell } from './de/shell.ts';
import { tour } from './de/tour.ts';
import type { Text } from './say.ts';

export const german: Text = {
  approvals,
  audit,
  channels,
  devices,
  factors,
  linking,
  overview,
  pairings,
  people,
  policy,
  push,
  sessions,
  settings,
  shell,
  tour,
};
