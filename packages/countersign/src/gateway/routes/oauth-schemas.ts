// What goes in and out at /oauth. Not strict: a server passes by what it does not know (RFC 6749 3.2).
import { z } from 'zod';

const parameter = z.string().max(8_192).optional();

export const exchangeSchema = z.object({
  grant_type: parameter.describe('urn:ietf:params:oauth:grant-type:token-exchange'),
  subject_token: parameter.describe('the session handle: x-countersign-session'),
  subject_token_type: parameter.describe('urn:countersign:params:oauth:token-type:session'),
  audience: z
    .array(z.string().max(256))
    .optional()
    .describe('one of those on the token; may be left out where there is only one'),
  scope: parameter.describe('narrower than tools, such as tools:orders; left out: tools'),
  requested_token_type: parameter,
  resource: z.array(z.string().max(2_048)).optional().describe('refused: name the audience'),
  actor_token: parameter.describe('refused: the actor is the agent of your token'),
  actor_token_type: parameter,
  client_secret: parameter.describe('refused: in Authorization alone'),
  client_assertion: parameter.describe('refused'),
});

export const exchangedSchema = z.object({
  access_token: z.string(),
  issued_token_type: z.string(),
  token_type: z.literal('Bearer'),
  expires_in: z.int(),
  scope: z.string(),
});

export const presentedSchema = z.object({
  token: z.string().max(65_536).optional().describe('the bearer'),
  token_type_hint: parameter,
});

export const introspectedSchema = z.object({
  active: z.boolean(),
  iss: z.string().optional(),
  aud: z.string().optional(),
  sub: z.string().optional().describe('the user'),
  tenant: z.string().optional(),
  sid: z.string().optional().describe('stands for the session key'),
  channel: z.string().optional(),
  account: z.string().optional(),
  assurance: z.enum(['low', 'medium', 'high']).optional(),
  act: z.object({ sub: z.string() }).optional().describe('the agent'),
  client_id: z.string().optional().describe('the agent, for readers who look here'),
  token_type: z.string().optional(),
  scope: z.string().optional(),
  exp: z.int().optional(),
  iat: z.int().optional(),
  jti: z.string().optional(),
});

export const metadataSchema = z.object({
  issuer: z.string(),
  token_endpoint: z.string(),
  introspection_endpoint: z.string(),
  revocation_endpoint: z.string(),
  jwks_uri: z.string(),
  service_documentation: z.string(),
  grant_types_supported: z.array(z.string()),
  response_types_supported: z.array(z.string()),
  scopes_supported: z.array(z.string()),
  token_endpoint_auth_methods_supported: z.array(z.string()),
  introspection_endpoint_auth_methods_supported: z.array(z.string()),
  revocation_endpoint_auth_methods_supported: z.array(z.string()),
});
