// What a bearer says of itself: an attribute of a user never stands in for one of these, in the configuration or at the
// moment a bearer is made.
export const RESERVED_CLAIMS: ReadonlySet<string> = new Set([
  'iss',
  'aud',
  'sub',
  'exp',
  'nbf',
  'iat',
  'jti',
  'act',
  'may_act',
  'sid',
  'scope',
  'tenant',
  'channel',
  'account',
  'assurance',
  // Others read these of any token, whoever meant what by them.
  'client_id',
  'azp',
  'cnf',
  'typ',
  'nonce',
  'auth_time',
  'acr',
  'amr',
  '__proto__',
]);
