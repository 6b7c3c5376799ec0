// English, whole: one object for each page. Another language is another object of the same type.
import { approvals } from './en/approvals.ts';
import { audit } from './en/audit.ts';
import { channels } from './en/channels.ts';
import { devices } from './en/devices.ts';
import { factors } from './en/factors.ts';
import { linking } from './en/linking.ts';
import { overview } from './en/overview.ts';
import { pairings } from './en/pairings.ts';
import { people } from './en/people.ts';
import { policy } from './en/policy.ts';
import { push } from './en/push.ts';
import { sessions } from './en/sessions.ts';
import { settings } from './en/settings.ts';
import { shell } from './en/shell.ts';
import { tour } from './en/tour.ts';

export const english = {
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
