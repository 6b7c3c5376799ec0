// The yes to a device request, inside one transaction: whose it becomes, what of it is given, and everything that has to
// be told. The bound is computed here and nowhere else, for every road that approves (H26): request ∩ setup code ∩
// approver ∩ person.
import { type DeviceId, makeId, type PrincipalId } from '@countersign/protocol/ids';
import { Problem } from '@countersign/protocol/problem';
import type { Actor } from '../audit/event.ts';
import type { DeviceScope } from '../authorise.ts';
import { closeCards } from '../cards.ts';
import { samePeer } from '../identity/peer.ts';
import type { Principal } from '../identity/people-port.ts';
import { ownerNotices } from '../owner-notices.ts';
import { deciderName } from '../pairing/told.ts';
import type { Millis, Random } from '../ports.ts';
import type { Store } from '../store-port.ts';
import type { DeviceRequestRow, DeviceRow, NewDevice, SetupRow } from './devices-port.ts';
import { DEVICE_LIMITS } from './lifetimes.ts';
import { deviceStateAt } from './machine.ts';
import { common, inWords, joined, scopesOfPerson } from './scopes.ts';
import { deviceEvent, deviceLabel, endedEvent, undecidable, undoOf } from './told.ts';

export interface Given {
  readonly device: DeviceRow;
  readonly granted: readonly DeviceScope[];
  /** Devices that are not what they were: to be published after the commit. */
  readonly changed: readonly DeviceId[];
}

export class Giving {
  readonly #random: Random;

  constructor({ random }: { readonly random: Random }) {
    this.#random = random;
  }

  async give(
    tx: Store,
    request: DeviceRequestRow,
    by: Actor,
    {
      for: who,
      approverScopes,
    }: { readonly for: PrincipalId | null; readonly approverScopes: readonly DeviceScope[] },
    now: Millis,
  ): Promise<Given> {
    const { id, role, thumbprint } = request;
    const approver = by.kind === 'principal' ? await mustBeActive(tx, by.id) : null;
    const setup = await setupOf(tx, request);
    const known = await tx.devices.byThumbprint(thumbprint);
    const state = known === null ? null : deviceStateAt(known, DEVICE_LIMITS, now);
    const paired = state === 'paired' ? known : null;
    const person = await personOf(tx, { who, approver, setup, paired });
    const granted = common(
      request.scopes,
      setup?.scopes ?? request.scopes,
      approverScopes,
      scopesOfPerson(approver?.role ?? 'owner'),
      scopesOfPerson(person.role),
    );
    if (granted.length === 0)
      throw new Problem('auth_forbidden', {
        detail: `nothing of what it asks for (${request.scopes.join(', ')}) is yours to give to that person`,
      });

    const isUpgrade = paired !== null && paired.role === role;
    const device = isUpgrade ? paired.id : makeId('device', this.#random.bytes(15));
    // The compare-and-set decides among parallel yeses; who loses rolls back whole.
    if (!(await tx.devices.settleRequest(id, 'approved', by, now, device)))
      throw undecidable((await tx.devices.getRequest(id)) ?? request, 'already_decided', now);
    if (setup !== null) await tx.setups.spend(setup.id, now);
    const subject = { request: id, device, role, scopes: [...granted] };
    await tx.audit.append([
      deviceEvent('device.approved', by, now, { subject, named: request, about: person.id }),
    ]);
    const changed = [device];
    if (isUpgrade) {
      await this.#widen(tx, paired, granted, by, now);
    } else {
      if (known?.state === 'paired') {
        const why = state === 'paired' ? 'replaced' : 'expired';
        await tx.devices.end(known.id, why === 'expired' ? 'expired' : 'revoked', why, now);
        await tx.audit.append([endedEvent(known, by, now, why)]);
        changed.push(known.id);
      }
      const name = request.name ?? `${role} ${thumbprint.slice(0, 8)}`;
      const whose = { principal: person.id, via: 'approval', proven: false } as const;
      const { key } = request;
      await this.add(
        tx,
        { id: device, key, thumbprint, role, scopes: granted, name, ...whose, createdAt: now },
        by,
      );
    }
    await this.#tell(tx, request, { device, granted, person, by, now });
    const row = await tx.devices.get(device);
    if (row === null) throw new Problem('internal', { detail: 'a paired device vanished' });
    return { device: row, granted, changed };
  }

  /** @throws Problem `state_conflict` when the key was paired at the same moment. */
  async add(tx: Store, device: NewDevice, by: Actor): Promise<DeviceRow> {
    const { id, role, scopes, via, name, principal, createdAt } = device;
    if ((await tx.devices.add(device)) === 'taken')
      throw new Problem('state_conflict', { detail: 'that key was paired at the same moment' });
    await tx.audit.append([
      deviceEvent('device.paired', by, createdAt, {
        subject: { device: id, role, scopes: [...scopes], via },
        named: { name },
        about: principal,
      }),
    ]);
    return { ...device, state: 'paired', lastSeenAt: createdAt, endedAt: null, endedWhy: null };
  }

  /** What it held stays: each of it was approved before. */
  async #widen(
    tx: Store,
    { id, scopes: from, principal }: DeviceRow,
    granted: readonly DeviceScope[],
    by: Actor,
    now: Millis,
  ): Promise<void> {
    const to = joined(from, granted);
    if (!(await tx.devices.setScopes(id, from, to)))
      throw new Problem('state_conflict', {
        detail: 'that device was changed meanwhile',
        hint: 'look again',
      });
    await tx.audit.append([
      deviceEvent('device.scopes_changed', by, now, {
        subject: { device: id, from: [...from], to },
        about: principal,
      }),
    ]);
  }

  /** Every card that asked says how it ended; owners whom no card asked hear of it as well, with the undo. */
  async #tell(
    tx: Store,
    request: DeviceRequestRow,
    { device, granted, person, by, now }: Told,
  ): Promise<void> {
    const owner = await deciderName(tx, { kind: 'principal', id: person.id, surface: 'device' });
    const text = `Approved by ${await deciderName(tx, by)} for ${owner}: ${deviceLabel(request)} may ${inWords(granted)}. Undo: ${undoOf(device)}`;
    const asked = await closeCards(tx, request.id, { text, now });
    const chat = by.kind === 'principal' ? by.chat : undefined;
    const told = [...asked, ...(chat === undefined ? [] : [chat])];
    const notices = await ownerNotices(tx, { text, once: `device-approved:${request.id}`, now });
    await tx.outbox.put(
      notices.filter((draft) => !told.some((one) => samePeer(one, draft.peer))),
      now,
    );
  }
}

interface Told {
  readonly device: DeviceId;
  readonly granted: readonly DeviceScope[];
  readonly person: Principal;
  readonly by: Actor;
  readonly now: Millis;
}

/** Fails closed: a code that cannot be read any more, or whose maker owns nothing now, invites nobody. */
async function setupOf(tx: Store, { setup: id }: DeviceRequestRow): Promise<SetupRow | null> {
  if (id === null) return null;
  const setup = await tx.setups.get(id);
  const isGood = setup !== null && (setup.maker === null || (await isOwner(tx, setup.maker)));
  if (!isGood)
    throw new Problem('expired', {
      detail: 'the setup code it came with is worth nothing any more',
      hint: 'make a new one: countersign pair',
    });
  return setup;
}

export async function isOwner(tx: Store, id: PrincipalId): Promise<boolean> {
  const person = await tx.people.get(id);
  return person?.role === 'owner' && person.state === 'active';
}

async function mustBeActive(tx: Store, id: PrincipalId): Promise<Principal> {
  const person = await tx.people.get(id);
  if (person === null || person.state !== 'active') throw new Problem('auth_forbidden');
  return person;
}

async function personOf(
  tx: Store,
  {
    who,
    approver,
    setup,
    paired,
  }: {
    readonly who: PrincipalId | null;
    readonly approver: Principal | null;
    readonly setup: SetupRow | null;
    readonly paired: DeviceRow | null;
  },
): Promise<Principal> {
  // Two people are two: nobody makes a device that speaks for somebody else, but who runs the host (R48).
  if (who !== null && approver !== null && who !== approver.id && who !== setup?.maker)
    throw new Problem('auth_forbidden', { detail: 'only the host gives a device to somebody else' });
  const id = who ?? paired?.principal ?? setup?.maker ?? (await onlyOwner(tx, approver));
  if (paired !== null && paired.principal !== id)
    throw new Problem('state_conflict', {
      detail: 'that key is paired for somebody else already',
      hint: `end that first: ${undoOf(paired.id)}`,
    });
  const person = await tx.people.get(id);
  if (person === null) throw new Problem('not_found', { detail: 'there is no such person' });
  if (person.state !== 'active')
    throw new Problem('state_conflict', { detail: `that person is ${person.state}` });
  return person;
}

async function onlyOwner(tx: Store, approver: Principal | null): Promise<PrincipalId> {
  const owners = (await tx.people.owners()).filter(({ state }) => state === 'active');
  const [one, ...more] = owners;
  if (one !== undefined && more.length === 0) return one.id;
  if (approver?.role === 'owner') return approver.id;
  throw new Problem(one === undefined ? 'state_conflict' : 'ambiguous', {
    detail: one === undefined ? 'nobody owns this gateway yet' : 'several people own this gateway',
    hint: one === undefined ? 'claim it first: countersign claim' : 'say whose device it is: --for <person>',
  });
}
