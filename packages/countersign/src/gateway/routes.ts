// Every route of the gateway: one table, from which the app, the OpenAPI document and the tests are made.
import type { Route } from './route.ts';
import { approvalRoutes } from './routes/approvals.ts';
import { auditRoutes } from './routes/audit.ts';
import { belowRoutes } from './routes/below.ts';
import { channelLoginRoutes } from './routes/channel-logins.ts';
import { channelRoutes } from './routes/channels.ts';
import { claimRoutes } from './routes/claim.ts';
import { configRoutes } from './routes/config.ts';
import { deviceRoutes } from './routes/devices.ts';
import { elevationRoutes } from './routes/elevations.ts';
import { execRoutes } from './routes/exec.ts';
import { factorRoutes } from './routes/factors.ts';
import { grantRoutes } from './routes/grants.ts';
import { healthRoutes } from './routes/health.ts';
import { houseRoutes } from './routes/house.ts';
import { ingressRoutes } from './routes/ingress.ts';
import { loginRoutes } from './routes/login.ts';
import { oauthRoutes } from './routes/oauth.ts';
import { overviewRoutes } from './routes/overview.ts';
import { pairingRoutes } from './routes/pairings.ts';
import { peopleRoutes } from './routes/people.ts';
import { peopleMapRoutes } from './routes/people-map.ts';
import { policyRoutes } from './routes/policy.ts';
import { pushRoutes } from './routes/push.ts';
import { sessionRoutes } from './routes/sessions.ts';
import { tokenRoutes } from './routes/tokens.ts';
import { webhookRoutes } from './routes/webhooks.ts';
import { wellKnownRoutes } from './routes/well-known.ts';

export const ROUTES: readonly Route[] = [
  ...healthRoutes,
  ...claimRoutes,
  ...houseRoutes,
  ...overviewRoutes,
  ...pairingRoutes,
  ...peopleRoutes,
  ...peopleMapRoutes,
  ...factorRoutes,
  ...deviceRoutes,
  ...loginRoutes,
  ...pushRoutes,
  ...sessionRoutes,
  ...channelRoutes,
  ...channelLoginRoutes,
  ...configRoutes,
  ...approvalRoutes,
  ...grantRoutes,
  ...elevationRoutes,
  ...execRoutes,
  ...policyRoutes,
  ...auditRoutes,
  ...webhookRoutes,
  ...belowRoutes,
  ...tokenRoutes,
  ...ingressRoutes,
  ...oauthRoutes,
  ...wellKnownRoutes,
];
