// Wire schemas of the map from people to the users of the owner's tools. The same rules for the map in the store, for a CSV
// file and for a directory that is asked: an id that could be taken for somebody else's is refused everywhere.
import { z } from 'zod';
import { listOf } from './common.ts';

const MAX_ID = 256;

/** Exact and visible. */
function isPlain(text: string): boolean {
  return text.length > 0 && text.length <= MAX_ID && text.isWellFormed() && !/[\p{C}\p{Z}]/u.test(text);
}

/** Never of the shape of our own ids: nobody's user id may be another person's `prn_…` (H03). */
export const userIdSchema = z.string().refine((text) => isPlain(text) && !/^prn_/i.test(text), {
  error: 'a user id is one word, and none of ours',
});
export const tenantSchema = z.string().refine(isPlain, { error: 'a tenant is one word' });

const word = z.string().max(1_024);
export const attributesSchema = z
  .record(
    z.string().regex(/^[A-Za-z][A-Za-z0-9_.:/-]{0,63}$/, { error: 'this is not the name of an attribute' }),
    z.union([word, z.number(), z.boolean(), z.array(word).max(64)]),
  )
  .refine((all) => Object.keys(all).length <= 32, { error: '32 attributes at most' })
  .describe('what may become claims: users.claims of the configuration says which');

export const personMappingSchema = z.strictObject({
  person: z
    .string()
    .min(1)
    .max(300)
    .describe('an id, its beginning, the exact name, or <channel>[:<account>]:<id>'),
  user: userIdSchema.describe('the id your tools know them by'),
  tenant: tenantSchema.default('default'),
  attributes: attributesSchema.default({}),
});

/** All of it or nothing. */
export const peopleMapSchema = z.strictObject({ items: z.array(personMappingSchema).min(1).max(5_000) });

export const personUserSchema = z.object({
  person: z.string(),
  user: z.string(),
  tenant: z.string(),
  attributes: attributesSchema,
});

export const peopleMappedSchema = z.object({ items: z.array(personUserSchema) });
export const userListSchema = listOf(personUserSchema);

export type PersonMapping = z.input<typeof personMappingSchema>;
export type PersonUser = z.infer<typeof personUserSchema>;
