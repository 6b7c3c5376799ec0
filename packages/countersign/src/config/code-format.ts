// The form of pairing codes. A code is worth what it costs to guess: 40 bits at least (R16), 5 for each X.
import { z } from 'zod';
import { codeBits } from '../core/code.ts';

const LEAST_BITS = 40;

export const codeFormat = z
  .string()
  .max(64)
  .regex(/^[X-]*$/, { error: 'a code is made of X and - only' })
  .regex(/^(?!-)(?!.*--)(?!.*-$)/, { error: 'a dash stands between two X' })
  .refine((format) => codeBits(format) >= LEAST_BITS, {
    error: `a code needs ${LEAST_BITS} bits at least, which is eight X`,
  })
  .default('XXXXXXXX')
  .describe(
    'The form of a pairing code: each X is one character of ABCDEFGHJKLMNPQRSTUVWXYZ23456789, dashes group them; eight X at least.',
  );
