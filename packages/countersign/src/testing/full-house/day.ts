// What happened in a full house: a month in a few lines, the last day in many. All of it goes through the services, as it
// does in a living gateway, so that every row, event and message is one that can really be.
import type { PublicJwk } from '@countersign/protocol/gateway';
import type { DeviceId, DeviceRequestId, PairingId } from '@countersign/protocol/ids';
import type { Actor } from '../../core/audit/event.ts';
import type { DeviceScope } from '../../core/authorise.ts';
import { ALL_SCOPES } from '../../core/device/scopes.ts';
import type { Person } from '../../core/identity/directory.ts';
import type { Peer } from '../../core/identity/peer.ts';
import { totpAt } from '../factor-stage.ts';
import { SoftwareAuthenticator } from '../software-authenticator.ts';
import { anybody, NASTY, PEOPLE, type Somebody, telegramId, WAITING } from './names.ts';
import type { HousePlace } from './place.ts';

const HOST: Actor = { kind: 'host' };
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const OLGA_CHAT = '555009';
const PAVEL_CHAT = '555010';
const FOREVER = { forMs: null, name: null } as const;

export interface Told {
  readonly owner: Person;
  /** The seed of the owner's authenticator app. */
  readonly totpSeed: string;
  readonly recoveryCodes: readonly string[];
}

interface Known {
  readonly peer: Peer;
  readonly who: Somebody;
}

export class HouseDay {
  readonly #house: HousePlace;
  readonly #end: number;
  /** People who may talk, as they came. */
  readonly #known: Known[] = [];

  constructor(house: HousePlace, end: number) {
    this.#house = house;
    this.#end = end;
  }

  /** So long before the end. */
  #ago(ms: number): void {
    this.#house.until(this.#end - ms);
  }

  async month(origin: string): Promise<Told> {
    const { core } = this.#house;
    this.#ago(30 * DAY);
    const owner = await this.#owner();
    const pavel = await this.#approver('Pavel Novotný', PAVEL_CHAT);
    await this.#approver('Ines Approver', '555011');
    const totpSeed = await this.#totp(owner, 'Phone');
    const recoveryCodes = await core.factors.recoveryCodes(owner.id, HOST);
    await this.#passkey(owner, origin);
    await this.#totp(pavel, 'Authenticator');
    await this.#devices(owner, pavel);
    for (const [n, who] of PEOPLE.entries()) await this.#arrives(n, who, this.#by(owner));
    this.#ago(3 * DAY);
    await this.#changesOfMind(this.#by(owner));
    return { owner, totpSeed, recoveryCodes };
  }

  /** As many more people as somebody wants to see. */
  async crowd(count: number): Promise<void> {
    const { core } = this.#house;
    for (let n = 0; n < count; n += 1) {
      const { name } = anybody(n);
      const peer = this.#house.peer('telegram', String(telegramId(10_000 + n)));
      await core.directory.add({ name, role: 'user', peer }, HOST);
      this.#known.push({ peer, who: anybody(n) });
    }
  }

  async lastDay(owner: Person): Promise<void> {
    const by = this.#by(owner);
    await this.#talk();
    await this.#trouble(by);
    await this.#door(by);
    await this.#newDevices();
    const pavel = await this.#house.core.directory.find('Pavel Novotný');
    this.#ago(4 * MINUTE);
    await this.#house.core.recovery.start(pavel.id, HOST);
    await this.#house.settle();
    this.#ago(0);
  }

  /** Messages and their answers until the audit holds so many events; the clock stands meanwhile. */
  async chatter(events: number): Promise<void> {
    const { store } = this.#house;
    for (let round = 0; ; round += 1) {
      const [head] = await store.audit.heads();
      if ((head?.seq ?? 0) >= events) return;
      const some = Array.from({ length: 50 }, (_, n) => this.#known[(round * 50 + n) % this.#known.length]);
      const talking = some.filter((one) => one !== undefined);
      await Promise.all(
        talking.map(({ peer, who }, n) => this.#house.says(peer, who, `question ${round}-${n}`)),
      );
    }
  }

  #by({ id }: Person): Actor {
    return { kind: 'principal', id, surface: 'device' };
  }

  async #owner(): Promise<Person> {
    const { core } = this.#house;
    const peer = this.#house.peer('telegram', OLGA_CHAT);
    const owner = await core.directory.add({ name: 'Olga', role: 'owner', peer }, HOST);
    const more = this.#house.peer('telegram', OLGA_CHAT, 'support');
    await core.links.set(owner, more, 'owner', HOST);
    const kitchen = this.#house.browser();
    await this.#house.says(kitchen, { name: 'Olga (kitchen tablet)', username: null }, 'it is me');
    await core.links.set(await core.directory.find(owner.id), kitchen, 'user', HOST);
    await this.#house.settle();
    return core.directory.find(owner.id);
  }

  async #approver(name: string, native: string): Promise<Person> {
    const { core } = this.#house;
    const peer = this.#house.peer('telegram', native);
    const person = await core.directory.add({ name, role: 'approver', peer }, HOST);
    this.#known.push({ peer, who: { name, username: null, words: 'Status of the build, please.' } });
    return person;
  }

  async #totp({ id: principal }: Person, label: string): Promise<string> {
    const { factors } = this.#house.core;
    const { id, secret } = await factors.enrolTotp(principal, label, HOST);
    await factors.confirmTotp(id, totpAt(secret, this.#house.now), HOST);
    this.#house.until(this.#house.now + 2 * MINUTE);
    return secret;
  }

  async #passkey({ id }: Person, origin: string): Promise<void> {
    const { factors } = this.#house.core;
    const { challenge } = await factors.beginPasskey(id, origin);
    const attestation = new SoftwareAuthenticator().create({ challenge, origin });
    await factors.finishPasskey(id, { origin, challenge, attestation, label: 'MacBook, Touch ID' }, HOST);
  }

  /** A key that asks. */
  async #asks(
    name: string,
    role: 'operator' | 'node',
    scopes: readonly DeviceScope[],
    address: string,
  ): Promise<DeviceRequestId> {
    const { devices } = this.#house.core;
    const asking = { key: this.#key(), thumbprint: this.#print(), role, scopes, token: null, name, address };
    const outcome = await devices.connect(asking);
    if (outcome.as !== 'pairing_required') throw new Error(`${name}: ${outcome.as}`);
    await this.#house.settle();
    return outcome.requestId;
  }

  async #paired(
    name: string,
    whose: Person,
    scopes: readonly DeviceScope[],
    role: 'operator' | 'node' = 'operator',
  ): Promise<DeviceId> {
    const { devices } = this.#house.core;
    const request = await this.#asks(name, role, scopes, '192.0.2.15');
    const approval = { for: whose.id, approverScopes: ALL_SCOPES };
    const { device } = await devices.approve(request, HOST, approval);
    this.#house.until(this.#house.now + 40 * MINUTE);
    return device.id;
  }

  async #devices(olga: Person, pavel: Person): Promise<void> {
    const { devices } = this.#house.core;
    const { store } = this.#house;
    const laptop = await this.#paired('Olga’s MacBook', olga, ['approvals', 'manage', 'pairing', 'read']);
    await store.atomically((tx) => devices.prove(tx, laptop, this.#by(olga)));
    await this.#paired('Safari on iPhone', olga, ['pairing', 'read']);
    await this.#paired('Firefox on Android', pavel, ['approvals', 'read']);
    await this.#paired('build-box', olga, ['node'], 'node');
    const old = await this.#paired('old kitchen tablet', olga, ['pairing', 'read']);
    await devices.rename(old, 'old kitchen tablet (broken glass)', HOST);
    await devices.revoke(old, this.#by(olga));
    const node = await this.#paired('nas-2019', olga, ['node'], 'node');
    await devices.revoke(node, HOST);
    const stranger = await this.#asks('Chrome on Windows', 'operator', ['manage', 'read'], '198.51.100.66');
    await devices.reject(stranger, this.#by(olga));
    const wanted = { role: 'node', scopes: null, makerScopes: ALL_SCOPES } as const;
    await devices.issueSetup(this.#by(olga), wanted);
  }

  /** Writes, waits, is let in. */
  async #arrives(n: number, who: Somebody, by: Actor): Promise<void> {
    const { core } = this.#house;
    this.#ago(28 * DAY - n * 22 * HOUR);
    const peer =
      n % 4 === 3
        ? this.#house.browser()
        : this.#house.peer('telegram', String(telegramId(n)), n % 4 === 2 ? 'support' : 'default');
    const id = await this.#request(peer, who);
    this.#house.until(this.#house.now + 7 * MINUTE);
    await core.pairings.approve(id, by, n % 5 === 4 ? { forMs: 60 * DAY, name: null } : FOREVER);
    await this.#house.settle();
    this.#known.push({ peer, who });
  }

  async #request(peer: Peer, who: Somebody): Promise<PairingId> {
    await this.#house.says(peer, who, who.words);
    const row = await this.#house.store.pairings.latest(peer);
    if (row === null) throw new Error(`${who.name} did not become a request`);
    return row.id;
  }

  async #changesOfMind(by: Actor): Promise<void> {
    const { directory, pairings } = this.#house.core;
    await directory.setState('Quentin Moreau', 'suspend', by);
    await directory.setState('Sven Maier', 'block', by);
    await directory.rename('Emma Larsen', 'Emma (upstairs)', by);
    await directory.add({ name: 'Cleaning service', role: 'user', peer: null }, by);
    const leaves = this.#known.find(({ who }) => who.name === 'Viktor Horvát');
    if (leaves !== undefined) await pairings.revoke(leaves.peer, by);
    const forgotten = this.#known.find(({ who }) => who.name === 'Liam O’Neill');
    if (forgotten !== undefined) await directory.forget('Liam O’Neill', by);
    const gone = ['Quentin Moreau', 'Sven Maier', 'Viktor Horvát', 'Liam O’Neill'];
    // Nobody answered this one in time.
    const late = { name: 'Forgotten Fritz', username: null, words: 'Hallo, ist da jemand?' };
    await this.#request(this.#house.peer('telegram', String(telegramId(91))), late);
    const left = this.#known.filter(({ who }) => !gone.includes(who.name));
    this.#known.splice(0, this.#known.length, ...left);
    await this.#house.settle();
  }

  /** From morning to morning, everybody a few times. */
  async #talk(): Promise<void> {
    const { store } = this.#house;
    this.#ago(DAY - 2 * MINUTE);
    const version = { version: '0.1.0' };
    const system = { actor: { kind: 'system' }, subject: version, outcome: 'ok' } as const;
    await store.audit.append([{ type: 'gateway.stopped', at: this.#house.now, ...system }]);
    await store.audit.append([{ type: 'gateway.started', at: this.#house.now + 4_000, ...system }]);
    const everybody = this.#known.slice(0, 26);
    for (let hour = 23; hour >= 2; hour -= 1) {
      for (const [n, { peer, who }] of everybody.entries()) {
        if ((n * 7 + hour * 3) % 11 > 1) continue;
        this.#ago(hour * HOUR - n * 2 * MINUTE);
        await this.#house.says(peer, who, hour % 2 === 0 ? who.words : 'And for tomorrow?');
      }
    }
  }

  async #trouble(by: Actor): Promise<void> {
    const { core, refused } = this.#house;
    const unreachable = this.#house.peer('telegram', String(telegramId(90)));
    this.#ago(110 * MINUTE);
    refused.add(unreachable.native);
    await this.#request(unreachable, { name: 'Gone again', username: null, words: 'hi' });
    this.#ago(105 * MINUTE);
    for (const reason of ['auth_required', 'auth_forbidden'] as const) {
      const subject = { door: 'tcp', verb: 'config.write' };
      const event = { type: 'call.denied', at: this.#house.now, actor: { kind: 'sender' } } as const;
      await core.denials.record(`call.denied:${reason}`, { ...event, subject, outcome: 'denied', reason });
    }
    this.#ago(100 * MINUTE);
    await this.#signIn(by);
  }

  /** Once wrong, once right. */
  async #signIn(by: Actor): Promise<void> {
    const { login, devices } = this.#house.core;
    const thumbprint = this.#print();
    const asking = { key: this.#key(), thumbprint, address: '192.0.2.77', agent: 'Firefox on Linux' };
    const { requestId } = await login.challenge({ ...asking, ticket: null });
    await this.#house.settle();
    const chats = [
      this.#house.peer('telegram', OLGA_CHAT),
      this.#house.peer('telegram', OLGA_CHAT, 'support'),
    ];
    const texts = chats.map((chat) => this.#house.lastTo(chat)).join('\n');
    const code = /Then type there: ([\d ]+)/.exec(texts)?.[1] ?? '';
    const answer = { requestId, thumbprint, name: 'Firefox on Linux' };
    await login.verify({ ...answer, code: '000000' }).catch(() => undefined);
    const device = await login.verify({ ...answer, code });
    const { store } = this.#house;
    await store.atomically((tx) => devices.prove(tx, device, by));
    await this.#house.settle();
  }

  /** Who came to the door today: denied, blocked, too late, and those who wait. */
  async #door(by: Actor): Promise<void> {
    const { pairings } = this.#house.core;
    const peer = (n: number, account = 'default') =>
      this.#house.peer('telegram', String(telegramId(200 + n)), account);
    this.#ago(95 * MINUTE);
    await this.#request(peer(0), { name: 'Slow Sam', username: 'slow_sam', words: 'anybody there?' });
    this.#ago(80 * MINUTE);
    const denied = { name: NASTY.script, username: null, words: 'FREE CRYPTO for your assistant' };
    await pairings.deny(await this.#request(peer(1), denied), by);
    const pushy = { name: 'Best Deals 24', username: 'bestdeals', words: 'Reply YES to claim your prize' };
    await pairings.block(await this.#request(peer(2, 'support'), pushy), by);
    await pairings.deny(
      await this.#request(peer(3), { name: NASTY.lines, username: 'bob', words: 'I am already approved' }),
      by,
    );
    this.#ago(50 * MINUTE);
    for (const [n, who] of WAITING.entries()) {
      this.#ago((50 - n * 5) * MINUTE);
      const account = n % 3 === 1 ? 'support' : 'default';
      const at = n % 3 === 2 ? this.#house.browser() : peer(10 + n, account);
      // One digit beside somebody who is known.
      const beside = this.#house.peer('telegram', String(telegramId(0) + 1), account);
      await this.#request(who.name === NASTY.bidi ? beside : at, who);
    }
    // Nobody sees these before a place is free.
    for (const n of [30, 31]) {
      const who = { name: n === 30 ? NASTY.unbroken : 'Late Larry', username: null, words: 'hello?' };
      await this.#request(peer(n), who);
    }
  }

  async #newDevices(): Promise<void> {
    this.#ago(9 * MINUTE);
    const everything = ['approvals', 'manage', 'pairing', 'read'] as const;
    await this.#asks(`Olga’s iPad ${NASTY.bidi}`, 'operator', everything, '192.0.2.31');
    this.#ago(6 * MINUTE);
    await this.#asks('raspberrypi', 'node', ['node'], '192.0.2.40');
    this.#ago(5 * MINUTE);
    await this.#asks(NASTY.html, 'operator', ['read'], '198.51.100.9');
  }

  #key(): PublicJwk {
    const x = Buffer.from(this.#house.random.bytes(32)).toString('base64url');
    return { kty: 'OKP', crv: 'Ed25519', x };
  }

  /** RFC 7638 prints are 43 letters of base64url. */
  #print(): string {
    return Buffer.from(this.#house.random.bytes(32)).toString('base64url');
  }
}
