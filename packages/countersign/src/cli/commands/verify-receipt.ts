// `countersign verify-receipt`: checks a receipt with the file and the keys that were given, and nothing else: no gateway, no
// home, no network. Without keys of one's own it says what would hold, and that anybody may have written it (exit 11).
import { readFileSync } from 'node:fs';
import type { Json } from '@countersign/protocol/canonical';
import { visible } from '@countersign/protocol/display';
import { Problem } from '@countersign/protocol/problem';
import { parseStrict } from '@countersign/protocol/strict-json';
import {
  type Checked,
  type ReceiptKey,
  type ReceiptVerdict,
  verifyReceipt,
} from '@countersign/protocol/verify-receipt';
import type { Command } from 'commander';
import { z } from 'zod';
import type { Cli } from '../cli.ts';
import { receiptLines } from '../receipt-lines.ts';
import { examples } from './examples.ts';

export function define(noun: Command, cli: Cli): void {
  noun
    .description('check a receipt offline: does not verify: exit 14; no keys given: exit 11')
    .argument('<file>', 'the receipt: countersign audit export --receipt')
    .option('--keys <jwks>', 'the public keys to trust, kept from /.well-known/jwks.json of the gateway')
    .action((file: string, { keys }: { readonly keys?: string }) => check(cli, file, keys));
  examples(noun, [
    'countersign verify-receipt receipt.json --keys jwks.json',
    'countersign verify-receipt receipt.json --keys jwks.json --json',
  ]);
}

async function check({ terminal }: Cli, file: string, keys: string | undefined): Promise<void> {
  const trusted = keys === undefined ? null : readKeys(keys);
  const verdict = await verifyReceipt(readReceipt(file), trusted);
  const { ok, checks, receipt } = verdict;
  const wrong = checks.find(({ fault }) => fault !== null);
  terminal.result(
    {
      ok: ok && verdict.trusted,
      trusted: verdict.trusted,
      checks: checks.map(({ what, fault }) => ({
        what,
        ok: fault === null,
        ...(fault === null ? {} : { why: fault }),
      })),
      ...(receipt === null
        ? {}
        : { id: receipt.request.id, gateway: receipt.gateway, state: receipt.request.state }),
    },
    () => [
      // What does not verify is not told as if it had happened.
      ...(ok && receipt !== null ? receiptLines(receipt) : []),
      ...checks.map((check) => checkLine(check, verdict)),
      ...(ok && verdict.trusted
        ? [`verified: it is what the gateway of the keys in ${visible(keys ?? '')} signed`]
        : []),
    ],
  );
  if (wrong !== undefined)
    throw new Problem('receipt_invalid', { detail: `it does not verify: ${wrong.fault}` });
  if (!verdict.trusted) throw new Problem('receipt_untrusted');
}

/** Nothing that stands in a receipt says who signed it; and where there was no grant or elevation, none was looked at. */
function checkLine({ what, fault }: Checked, { trusted, receipt }: ReceiptVerdict): string {
  if (fault !== null) return `WRONG ${what}: ${fault}`;
  const isWithout =
    (receipt?.grant === null && what === GRANT_CHECK) ||
    (receipt?.elevation === undefined && what === ELEVATION_CHECK);
  if (isWithout) return `-     ${what}: there was none`;
  if (trusted) return `ok    ${what}`;
  return what.startsWith(SIGNED_CHECK)
    ? `open  ${what}: it fits a key that it brought itself`
    : `fits  ${what}`;
}

const SIGNED_CHECK = 'the gateway signed ';
const GRANT_CHECK = 'the grant is for this and for nothing else';
const ELEVATION_CHECK = 'where it ran elevated, an owner had proven it';

function readReceipt(file: string): Json {
  const text = read(file);
  try {
    return parseStrict(text);
  } catch (cause) {
    throw new Problem('receipt_invalid', { detail: `${file} is not JSON with one meaning`, cause });
  }
}

const keySchema = z.looseObject({ kty: z.string(), kid: z.string().optional() });
const keysSchema = z.union([
  // A receipt, given as the keys to trust, would vouch for itself.
  z.looseObject({ keys: z.array(keySchema), kind: z.never().optional() }).transform(({ keys }) => keys),
  z.array(keySchema),
  keySchema.transform((key) => [key]),
]);

/** A set, a list, or one key. @throws Problem `usage`: nobody means to trust nothing. */
function readKeys(file: string): readonly ReceiptKey[] {
  const keys = keysIn(read(file));
  if (keys.length > 0) return keys;
  throw new Problem('usage', {
    detail: `${file} holds no keys`,
    hint: 'curl -s http://localhost:8787/.well-known/jwks.json > jwks.json',
  });
}

function keysIn(text: string): readonly ReceiptKey[] {
  try {
    const parsed = keysSchema.safeParse(parseStrict(text));
    return parsed.success ? parsed.data : [];
  } catch {
    return [];
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new Problem('usage', { detail: `${file} cannot be read`, hint: 'name a file', cause });
  }
}
