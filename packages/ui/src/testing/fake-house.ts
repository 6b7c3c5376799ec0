// An owned gateway in memory, as far as the pages see it: sign-in by code, devices, factors. It says what the schemas say.
import type { DeviceRow } from '@countersign/protocol/device';
import type { FactorRow } from '@countersign/protocol/factor';
import { FakeRest } from './fake-rest.ts';

export type Frame = Readonly<Record<string, unknown>>;
/** What a call of the API said, and what it is answered. */
export interface Call {
  readonly method: string;
  readonly path: string;
  readonly body: Frame;
  readonly headers: Readonly<Record<string, string>>;
}
export interface Answer {
  readonly status: number;
  readonly body: object;
}
/** Some answers take a while; none breaks the connection. */
export type Reply = Answer | null | Promise<Answer | null>;

const CREATED = '2026-01-01T00:00:00.000Z';
const SCOPES = ['approvals', 'manage', 'pairing', 'read'] as const;
const RP = { id: 'localhost', name: 'Countersign' };
const CHALLENGE = 'AAECAwQFBgcICQoLDA0ODw';

export class FakeHouse {
  /** Thumbprint of the browser that looks. */
  key = '';
  isIn = false;
  isProven = false;
  via: 'login' | 'claim' = 'login';
  available = true;
  /** Milliseconds a sign-in code lives. */
  codeLife = 60_000;
  devices: DeviceRow[] = [];
  factors: FactorRow[] = [];
  recoveryCodes = 0;
  /** The code that proves. */
  readonly totp = '246810';
  readonly code = '135790';
  readonly calls: Call[] = [];
  readonly rest = new FakeRest();

  get own(): DeviceRow {
    const hasFactor = this.factors.some(({ state }) => state === 'active');
    const isFree = this.isProven || (this.via === 'claim' && !hasFactor);
    return {
      id: 'dev_own',
      state: 'paired',
      role: 'operator',
      scopes: [...SCOPES],
      active: isFree ? [...SCOPES] : ['pairing', 'read'],
      name: 'Chrome on Linux',
      person: 'prn_olga',
      key: this.key,
      via: this.via,
      proven: this.isProven,
      createdAt: CREATED,
      lastSeenAt: CREATED,
    };
  }

  readonly connect = ({ role }: Frame): readonly Frame[] => {
    if (role === 'chat') return [{ type: 'hello', device: 'd', role, scopes: [] }];
    const expiresAt = new Date(Date.now() + 900_000).toISOString();
    if (this.isIn)
      return [
        {
          type: 'hello',
          device: 'dev_own',
          role,
          scopes: this.own.active,
          token: 'cdt_1',
          nonce: 'n1',
          expiresAt,
        },
      ];
    return [
      {
        type: 'error',
        code: 'pairing_required',
        hint: 'an owner has to approve this device',
        requestId: 'devreq_k7qd2mx4',
        command: 'countersign devices approve devreq_k7qd2mx4',
        expiresAt,
      },
    ];
  };

  readonly answer = (call: Call): Reply => {
    this.calls.push(call);
    const { method, path, headers } = call;
    if (path.startsWith('/api/v1/login')) return this.#login(call);
    if (headers['authorization'] !== 'DPoP cdt_1') return no(401, 'auth_required');
    const [, , , section = '', ...rest] = (path.split('?')[0] ?? '').split('/');
    switch (`${method} ${section}`) {
      case 'GET devices':
        return this.#devices(path, rest);
      case 'POST devices':
        return this.#device(rest, call);
      case 'GET factors':
        return ok({ items: this.factors, recoveryCodes: this.recoveryCodes });
      case 'POST factors':
        return this.#factor(rest, call);
      default:
        if (this.rest.linking.needsProof && isGuarded(call) && !this.#proves(headers))
          return no(403, 'auth_factor_required');
        return this.rest.answer(call, section, rest) ?? no(404, 'not_found');
    }
  };

  #login({ path, body }: Call): Answer {
    if (path.endsWith('/challenge')) {
      const expiresAt = new Date(Date.now() + this.codeLife).toISOString();
      return ok({ requestId: 'chal_1', phrase: 'quiet harbour', expiresAt }, 202);
    }
    if (path.endsWith('/verify')) {
      this.isIn = body['code'] === this.code;
      return this.isIn ? ok({}) : no(401, 'challenge_failed');
    }
    return ok({ available: this.available, gateway: 'ins_test', nonce: 'n', ts: Date.now(), digits: 6 });
  }

  #devices(path: string, [id]: readonly string[]): Answer {
    const all = [this.own, ...this.devices];
    if (id === undefined) return ok({ items: all.filter(({ state }) => shows(path, state)) });
    const row = all.find((one) => one.id === id);
    return row === undefined ? no(404, 'not_found') : ok(row);
  }

  #device([id, verb]: readonly string[], { headers, body }: Call): Answer {
    if (id === 'setup') {
      const expiresAt = new Date(Date.now() + 600_000).toISOString();
      const setupCode = 'eyJ1cmwiOiJodHRwOi8vbG9jYWxob3N0Ojg3ODciLCJ0b2tlbiI6ImFiYyJ9';
      return ok({ setupCode, expiresAt, asks: ['see people, devices, requests, settings and the audit'] });
    }
    if (id === 'prove') {
      if (!this.#proves(headers)) return no(401, 'challenge_failed');
      this.isProven = true;
      return ok(this.own);
    }
    if (verb === 'approve' && !this.#proves(headers)) return no(403, 'auth_factor_required');
    this.devices = this.devices.map((row) => (row.id === id ? decided(row, String(verb), body) : row));
    return ok(this.devices.find((row) => row.id === id) ?? {});
  }

  #factor([what, verb]: readonly string[], { body, headers }: Call): Answer {
    const isFirst = !this.factors.some(({ state }) => state === 'active');
    if (what === 'totp') {
      if (!isFirst && !this.#proves(headers)) return no(403, 'auth_factor_required');
      const secret = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP';
      this.#add({ id: 'fac_totp', kind: 'totp', label: 'app', state: 'pending' });
      return ok({ id: 'fac_totp', secret, uri: `otpauth://totp/Countersign:Olga?secret=${secret}` });
    }
    if (verb === 'confirm') {
      if (body['code'] !== this.totp) return no(401, 'challenge_failed');
      this.factors = this.factors.map((row) => ({ ...row, state: 'active' }));
      return ok({});
    }
    if (what === 'passkey' && verb === undefined) {
      const user = { id: 'cHJuX29sZ2E', name: 'Olga', displayName: 'Olga' };
      const authenticatorSelection = { residentKey: 'preferred', userVerification: 'required' };
      const pubKeyCredParams = [{ type: 'public-key', alg: -7 }];
      return ok({
        options: { rp: RP, user, challenge: CHALLENGE, pubKeyCredParams, authenticatorSelection },
      });
    }
    if (what === 'passkey' && verb === 'finish') {
      const label = String(body['label']);
      this.#add({ id: 'fac_key', kind: 'passkey', label, state: 'active', origin: 'http://localhost:8787' });
      return ok({});
    }
    if (what === 'passkey')
      return ok({ options: { challenge: CHALLENGE, rpId: RP.id, userVerification: 'required' } });
    if (what === 'recovery-codes') {
      this.recoveryCodes = 10;
      return ok({ codes: Array.from({ length: 10 }, (_, at) => `${'ABCDEFGHJK'[at]}-QRST-UVWX-YZ23-4567`) });
    }
    this.factors = this.factors.filter(({ id }) => id !== what);
    return ok({});
  }

  #add(row: Omit<FactorRow, 'person' | 'createdAt'>): void {
    this.factors.push({ ...row, person: 'prn_olga', createdAt: CREATED });
  }

  #proves(headers: Call['headers']): boolean {
    const factor = headers['x-countersign-factor'] ?? '';
    return factor === `totp ${this.totp}` || factor.startsWith('passkey ');
  }
}

/** Linking and unlinking. */
function isGuarded({ method, path }: Call): boolean {
  return method === 'POST' && /^\/api\/v1\/channels\/[^/]+\/(?:login|logout)$/.test(path);
}

function shows(path: string, state: DeviceRow['state']): boolean {
  if (path.includes('show=all')) return true;
  return state === 'pending' || (state === 'paired' && !path.includes('show=pending'));
}

function decided(row: DeviceRow, verb: string, body: Frame): DeviceRow {
  switch (verb) {
    case 'approve':
      return { ...row, state: 'paired' };
    case 'reject':
      return { ...row, state: 'rejected', decidedBy: 'prn_olga', endedAt: CREATED };
    case 'rename':
      return { ...row, name: String(body['name']) };
    default:
      return { ...row, state: 'revoked', endedAt: CREATED };
  }
}

function ok(body: object, status = 200): Answer {
  return { status, body };
}

function no(status: number, code: string): Answer {
  return { status, body: { type: `/docs/errors#${code}`, title: `Refused: ${code}`, status, code } };
}
