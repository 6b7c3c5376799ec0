// Baileys, loaded when it is used (it is optional: a library of its own is GPL-3.0), and mended while it runs: nothing of
// it is changed on disk. What it must not do without our check it cannot do: a handshake whose certificate our check has
// not seen stays unproven, and nothing is believed that comes over it. So a version that no longer passes by here is
// refused instead of trusted.
import { Problem } from '@countersign/protocol/problem';
import { type CertificateChain, type ChainCheck, checkChain, notWhatsApp, verifyXEd } from './trust.ts';

export type Baileys = typeof import('baileys');

/** One handshake: its check, and whether it has passed. */
export interface Handshake {
  readonly proven: boolean;
}

interface Open extends Handshake {
  readonly check: ChainCheck;
  proven: boolean;
  lastKey: Uint8Array | null;
}

export interface Mended {
  readonly baileys: Baileys;
  /** Whatever `make` connects, synchronously, is a handshake under `check`. */
  shake<T>(make: () => T, check?: ChainCheck): { readonly made: T; readonly handshake: Handshake };
}

let loading: Promise<Mended> | null = null;

/** @throws Problem `channel_unreachable` when the library is not installed, or is one that we cannot mend. */
export function loadBaileys(): Promise<Mended> {
  loading ??= load().catch((cause: unknown) => {
    loading = null;
    throw cause;
  });
  return loading;
}

async function load(): Promise<Mended> {
  let baileys: Baileys;
  try {
    baileys = await import('baileys');
  } catch {
    throw new Problem('channel_unreachable', {
      detail: 'the library for WhatsApp is not installed',
      hint: 'npm install baileys@7.0.0-rc14, beside countersign, then restart the gateway',
    });
  }
  return mend(baileys);
}

function mend(baileys: Baileys): Mended {
  const { Curve, proto } = baileys;
  const Chain = proto?.CertChain;
  const parts: unknown[] = [Curve?.verify, Curve?.sharedKey, Curve?.generateKeyPair, Chain?.decode];
  if (parts.some((part) => typeof part !== 'function')) {
    throw new Problem('channel_unreachable', {
      detail: 'this version of the library for WhatsApp is not one that was checked',
      hint: 'npm install baileys@7.0.0-rc14, beside countersign, then restart the gateway',
    });
  }
  quiet();
  const handshakes = new WeakMap<Uint8Array, Open>();
  let making: Open | null = null;
  let current: Open | null = null;

  // (a) Its own answer is always yes. What our check has weighed, under the root it was given, is not weighed again.
  const weighed = new WeakSet<Uint8Array>();
  Curve.verify = (key, message, signature) => weighed.has(message) || verifyXEd(key, message, signature);

  // (b) processHandshake agrees on a key with the server's static key and reads the chain next, in one synchronous run:
  // the last key agreed on is the one that the leaf has to name.
  const { generateKeyPair, sharedKey } = Curve;
  Curve.generateKeyPair = () => {
    const pair = generateKeyPair();
    if (making !== null) handshakes.set(pair.private, making);
    return pair;
  };
  Curve.sharedKey = (ours, theirs) => {
    const handshake = handshakes.get(ours);
    if (handshake !== undefined) {
      handshake.lastKey = theirs;
      current = handshake;
    }
    return sharedKey(ours, theirs);
  };
  const decode = Chain.decode.bind(Chain);
  Chain.decode = (...given) => {
    const handshake = current;
    current = null;
    if (handshake === null || handshake.lastKey === null) throw notWhatsApp('a certificate came unasked');
    const chain = decode(...given);
    const { leaf, intermediate } = readChain(baileys, chain);
    handshake.check({ leaf, intermediate }, handshake.lastKey);
    weighed.add(leaf.details).add(intermediate.details);
    handshake.proven = true;
    return chain;
  };

  return {
    baileys,
    shake(make, check = checkChain) {
      const handshake: Open = { check, proven: false, lastKey: null };
      making = handshake;
      try {
        return { made: make(), handshake };
      } finally {
        making = null;
      }
    },
  };
}

type Read = ReturnType<Baileys['proto']['CertChain']['decode']>;

function readChain({ proto }: Baileys, { leaf, intermediate }: Read): CertificateChain {
  const read = (one: Read['leaf']) => {
    const { details, signature } = one ?? {};
    if (!details || !signature) throw notWhatsApp('it shows no certificate');
    const said = proto.CertChain.NoiseCertificate.Details.decode(details);
    if (!said.key || said.issuerSerial == null) throw notWhatsApp('its certificate is incomplete');
    const { serial, issuerSerial, key } = said;
    return { details, signature, serial: serial ?? 0, issuerSerial, key };
  };
  return { leaf: read(leaf), intermediate: read(intermediate) };
}

/** How the sayings of its crypto library begin. Two of them print a whole session, private keys included. */
export const SAYINGS = [
  'Closing session:',
  'Opening session:',
  'Removing old closed session:',
  'Session already',
  'Closing open session in favor of',
  'Failed to decrypt message with any known session',
  'Session error:',
  'Decrypted message with closed session',
  'WARNING: Expected pubkey of length 33',
  'Migrating session to:',
  'V1 session storage migration error',
  'Unhandled bucket type',
];

function quiet(): void {
  for (const level of ['info', 'warn', 'error'] as const) {
    const said = console[level].bind(console);
    console[level] = (...words: unknown[]) => {
      const [first] = words;
      if (typeof first === 'string' && SAYINGS.some((saying) => first.startsWith(saying))) return;
      said(...words);
    };
  }
}
