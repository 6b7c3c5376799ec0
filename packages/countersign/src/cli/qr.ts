// A QR code in half blocks, for a phone held in front of the terminal. It brings its own colours, so that light is light
// on a dark screen and on a light one, and the quiet zone that readers expect. Where colours are unwanted it is drawn for a
// dark screen.
import { styleText } from 'node:util';

/** ISO/IEC 18004: four modules of light on every side. */
const QUIET_ZONE = 4;

export async function qrLines(text: string, env: NodeJS.ProcessEnv = {}): Promise<string[]> {
  const { renderUnicodeCompact } = await import('uqr');
  const lines = renderUnicodeCompact(text, { ecc: 'L', border: QUIET_ZONE }).split('\n');
  const plain = (env['NO_COLOR'] ?? '') !== '' || env['TERM'] === 'dumb';
  if (plain) return lines;
  return lines.map((line) => styleText(['whiteBright', 'bgBlack'], line, { validateStream: false }));
}
