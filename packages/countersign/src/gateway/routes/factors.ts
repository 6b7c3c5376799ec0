// Factors, the proof of a device, and the recovery of somebody who lost everything.
import { deviceRowSchema } from '@countersign/protocol/device';
import {
  factorConfirmSchema,
  factorListSchema,
  factorOwnerSchema,
  factorRowSchema,
  factorWhoseSchema,
  passkeyFinishSchema,
  passkeyOptionsSchema,
  recoveryCodesSchema,
  recoveryListSchema,
  recoveryRowSchema,
  recoveryStartSchema,
  totpEnrolledSchema,
} from '@countersign/protocol/factor';
import type { Caller, Verb } from '../../core/authorise.ts';
import { actorOf } from '../actor.ts';
import { printDevice } from '../print-devices.ts';
import { printFactor, printRecovery } from '../print-factors.ts';
import { givenProof, type Route, route } from '../route.ts';
import type { Services } from '../services.ts';

const enrol = {
  of: ['factors.enroll', 'factors.enroll_recovered'],
  by: ({ person }, { services, caller }) => services.factors.enrolVerb(caller, person),
} satisfies {
  of: readonly Verb[];
  by(body: { person?: string | undefined }, call: { services: Services; caller: Caller }): Promise<Verb>;
};

const originOf = ({ headers }: Request) => headers.get('origin');

export const factorRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/v1/factors',
    verb: 'factors.list',
    summary: 'the factors of a person, and how many recovery codes are left',
    query: factorWhoseSchema,
    response: factorListSchema,
    handle: async ({ services, caller, query }) => {
      const { items, recoveryCodes } = await services.factors.list(caller, query.person);
      return { items: items.map(printFactor), recoveryCodes };
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/factors/totp',
    verb: enrol,
    summary: 'begin an authenticator app; it counts once its first code was given to confirm',
    body: factorOwnerSchema,
    response: totpEnrolledSchema,
    status: 201,
    example: {},
    handle: ({ services, caller, body }) => services.factors.enrolTotp(caller, body),
  }),
  route({
    method: 'POST',
    path: '/api/v1/factors/passkey',
    verb: enrol,
    summary: 'options for the browser to make a passkey with, at the address of the page',
    body: factorOwnerSchema,
    response: passkeyOptionsSchema,
    example: {},
    handle: async ({ services, caller, body, request }) => {
      const { options } = await services.factors.beginPasskey(caller, originOf(request), body);
      return { options };
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/factors/passkey/finish',
    // The challenge it answers was given out for a proof, and is its proof.
    verb: 'factors.confirm',
    summary: 'what the browser made; the passkey counts from now on',
    body: passkeyFinishSchema,
    response: factorRowSchema,
    status: 201,
    handle: async ({ services, caller, body, request }) =>
      printFactor(await services.factors.finishPasskey(caller, originOf(request), body)),
  }),
  route({
    method: 'POST',
    path: '/api/v1/factors/passkey/challenge',
    verb: 'devices.prove',
    summary: 'options for the browser to prove a passkey with; the answer goes along with the next call',
    response: passkeyOptionsSchema,
    handle: async ({ services, caller, request }) => {
      const { options } = await services.factors.beginProof(caller, originOf(request));
      return { options };
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/factors/recovery-codes',
    verb: 'factors.recovery_codes',
    summary: 'ten new recovery codes, shown once; those before stop working',
    body: factorWhoseSchema,
    response: recoveryCodesSchema,
    status: 201,
    example: {},
    handle: async ({ services, caller, body }) => ({
      codes: [...(await services.factors.recoveryCodes(caller, body.person))],
    }),
  }),
  route({
    method: 'POST',
    path: '/api/v1/factors/:id/confirm',
    verb: 'factors.confirm',
    summary: 'the first code of an authenticator app; it is spent with it',
    body: factorConfirmSchema,
    response: factorRowSchema,
    example: { code: '123456' },
    handle: async ({ services, caller, body, param }) =>
      printFactor(await services.factors.confirm(caller, param('id'), body.code)),
  }),
  route({
    method: 'POST',
    path: '/api/v1/factors/:id/remove',
    verb: 'factors.remove',
    summary: 'remove a factor; its seed or key is destroyed',
    response: factorRowSchema,
    handle: async ({ services, caller, param }) =>
      printFactor(await services.factors.remove(caller, param('id'))),
  }),
  route({
    method: 'POST',
    path: '/api/v1/devices/prove',
    verb: 'devices.prove',
    summary: 'prove a factor on this device: from now on it may do all that it holds',
    response: deviceRowSchema,
    handle: async ({ services, caller, request }) =>
      printDevice(await services.factors.proveDevice(caller, givenProof(request))),
  }),
  route({
    method: 'GET',
    path: '/api/v1/recoveries',
    verb: 'factors.list',
    summary: 'recoveries that are announced and may still be stopped',
    response: recoveryListSchema,
    handle: async ({ services }) => ({ items: (await services.factors.recoveries()).map(printRecovery) }),
  }),
  route({
    method: 'POST',
    path: '/api/v1/recoveries',
    verb: 'host.recover',
    summary: 'begin to recover a person who lost every factor: every owner is told, and nothing changes yet',
    body: recoveryStartSchema,
    response: recoveryRowSchema,
    status: 201,
    example: { person: 'Ana' },
    handle: async ({ services, caller, body }) =>
      printRecovery(await services.factors.recover(body.person, actorOf(caller))),
  }),
  route({
    method: 'POST',
    path: '/api/v1/recoveries/:id/stop',
    verb: 'host.recover_stop',
    summary: 'stop a recovery; nothing changed',
    response: recoveryRowSchema,
    handle: async ({ services, caller, param }) =>
      printRecovery(await services.factors.endRecovery(param('id'), 'stop', actorOf(caller))),
  }),
  route({
    method: 'POST',
    path: '/api/v1/recoveries/:id/finish',
    verb: 'host.recover',
    summary: 'after the delay: end the factors, recovery codes and devices of the person',
    response: recoveryRowSchema,
    handle: async ({ services, caller, param }) =>
      printRecovery(await services.factors.endRecovery(param('id'), 'finish', actorOf(caller))),
  }),
];
