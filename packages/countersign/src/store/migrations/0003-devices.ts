// Devices, their requests, setup codes and tokens; login challenges; factors and recovery.
import type { ColumnTypes } from '../dialects/database.ts';

export function devices(types: ColumnTypes): readonly string[] {
  const { serial, text, time, sealed, small } = types;
  const rows = types.end(false);
  const tree = types.end(true);
  return [
    `create table device_requests (
      n ${serial}, id ${text} not null unique, thumbprint ${text} not null, key ${text} not null, role ${text} not null,
      scopes ${text} not null, name ${sealed}, address ${sealed}, setup ${text}, state ${text} not null,
      slot ${small}, created_at ${time} not null, expires_at ${time} not null, decided_at ${time}, decided_by ${text},
      device ${text}) ${rows}`,
    `create unique index device_requests_live on device_requests (thumbprint) where state = 'pending'`,
    `create unique index device_requests_slot on device_requests (slot) where slot is not null`,
    'create index device_requests_thumbprint on device_requests (thumbprint, n)',
    'create index device_requests_state on device_requests (state, n)',
    'create index device_requests_setup on device_requests (setup) where setup is not null',

    `create table devices (
      n ${serial}, id ${text} not null unique, thumbprint ${text} not null, key ${text} not null, role ${text} not null,
      scopes ${text} not null, name ${sealed} not null, principal ${text} not null, via ${text} not null,
      proven ${small} not null, state ${text} not null, created_at ${time} not null, last_seen_at ${time} not null,
      ended_at ${time}, ended_why ${text}) ${rows}`,
    `create unique index devices_live on devices (thumbprint) where state = 'paired'`,
    'create index devices_thumbprint on devices (thumbprint, n)',
    'create index devices_principal on devices (principal, n)',
    'create index devices_state on devices (state, n)',

    `create table setups (
      id ${text} primary key, hash ${text} not null unique, role ${text} not null, scopes ${text} not null,
      maker ${text}, taken_by ${text}, created_at ${time} not null, expires_at ${time} not null) ${tree}`,
    'create index setups_maker on setups (maker) where maker is not null',
    'create index setups_end on setups (expires_at)',

    `create table device_tokens (
      hash ${text} primary key, device ${text} not null, replaces ${text}, issued_at ${time} not null,
      expires_at ${time} not null, used ${small} not null) ${tree}`,
    'create index device_tokens_device on device_tokens (device, issued_at)',
    'create index device_tokens_end on device_tokens (expires_at)',

    `create table challenges (
      n ${serial}, id ${text} not null unique, key ${text} not null, thumbprint ${text} not null,
      code_hash ${text} not null, principal ${text}, phrase ${text} not null, address_key ${text}, origin ${sealed} not null,
      ticket ${small} not null, max_attempts ${small} not null, attempts ${small} not null, state ${text} not null,
      device ${text}, created_at ${time} not null, expires_at ${time} not null) ${rows}`,
    `create index challenges_live on challenges (thumbprint) where state = 'issued'`,
    `create index challenges_open on challenges (principal, expires_at) where state = 'issued' and principal is not null`,
    'create index challenges_end on challenges (expires_at)',
    `create table tickets (hash ${text} primary key, principal ${text} not null, expires_at ${time} not null) ${tree}`,
    `create table deaf (kind ${text} not null, value ${text} not null, until ${time} not null, primary key (kind, value)) ${tree}`,

    `create table factors (
      n ${serial}, id ${text} not null unique, principal ${text} not null, kind ${text} not null, label ${sealed} not null,
      secret ${sealed}, credential ${text}, passkey ${sealed}, counter ${time}, state ${text} not null,
      last_step ${time}, last_used_at ${time}, created_at ${time} not null) ${rows}`,
    'create index factors_principal on factors (principal, n)',
    `create unique index factors_credential on factors (credential) where credential is not null and state <> 'removed'`,
    `create table recovery_codes (
      principal ${text} not null, position ${small} not null, hash ${text} not null, used_at ${time},
      primary key (principal, position)) ${tree}`,
    `create table factor_failures (
      principal ${text} not null, surface ${text} not null, count ${small} not null, last_at ${time} not null,
      primary key (principal, surface)) ${tree}`,
    `create table recoveries (
      id ${text} primary key, principal ${text} not null, state ${text} not null, started_at ${time} not null,
      ready_at ${time} not null, ended_at ${time}) ${tree}`,
    `create unique index recoveries_open on recoveries (principal) where state = 'announced'`,
  ];
}
