// The setup code as people carry it: standard base64 of exactly {"url","token"}, the same whether typed or scanned (D-13).
// It holds no lasting credential: a request still has to be approved (R24).
import { base32 } from '@countersign/protocol/ids';
import type { Random } from '../ports.ts';

/** 160 bits: nothing a limit has to protect (R16). */
const TOKEN_BYTES = 20;
const MAX_CODE = 2_000;

export function drawSetupToken(random: Random): string {
  return base32(random.bytes(TOKEN_BYTES));
}

export function setupCode(url: string, token: string): string {
  return Buffer.from(JSON.stringify({ url, token })).toString('base64');
}

/** The token of what was shown as one: the bare token, or the whole code as it stands under the QR picture. */
export function setupToken(shown: string): string {
  const text = shown.trim();
  if (text.length > MAX_CODE || !/^[A-Za-z0-9+/]+={0,2}$/.test(text)) return text;
  try {
    const parsed: unknown = JSON.parse(Buffer.from(text, 'base64').toString('utf8'));
    if (
      typeof parsed === 'object' &&
      parsed !== null &&
      'token' in parsed &&
      typeof parsed.token === 'string'
    )
      return parsed.token;
  } catch {
    // No code: then it is the token itself.
  }
  return text;
}
