// Wire schemas of changes to the configuration made as one: looked at first, then written all or none. What is shown of
// the file has its secrets masked, and a value that was sent never comes back.
import { z } from 'zod';

const path = z.string().min(1).max(500).describe('as `config get` takes it: channels.telegram.dmPolicy');

export const configChangeSchema = z.union([
  z.strictObject({ path, value: z.json() }),
  z.strictObject({ path, unset: z.literal(true).describe('back to what holds without it') }),
]);

const changesSchema = z.array(configChangeSchema).min(1).max(200);
const baseSchema = z.string().min(1).max(100).describe('names the file as it was when it was looked at');

export const configMistakeSchema = z.object({
  path: z.string().describe('empty when the whole file is meant'),
  message: z.string(),
  hint: z.string(),
});

export const configLineSchema = z.object({
  line: z
    .number()
    .int()
    .min(1)
    .describe('its number: of a line that goes in the file as it is, else as it would be'),
  kind: z.enum(['same', 'gone', 'new']),
  text: z.string().describe('secrets masked'),
});

export const configCheckSchema = z.strictObject({ changes: changesSchema });
export const configCheckedSchema = z.object({
  valid: z.boolean(),
  mistakes: z
    .array(configMistakeSchema)
    .describe('every one at once; of the changes, and of the whole file with them'),
  diff: z
    .array(configLineSchema)
    .describe('the lines that change and three around them; a number left out is a gap'),
  guarded: z.array(z.string()).describe('guarded keys that the changes touch'),
  base: baseSchema,
});

export const configApplySchema = z.strictObject({ changes: changesSchema, base: baseSchema });
export const configAppliedSchema = z.object({
  paths: z.array(z.string()).describe('what was changed'),
  base: baseSchema,
});

export const configTextSchema = z.object({
  path: z.string().describe('where the file is'),
  text: z.string().describe('the file, comments and all; secrets masked'),
  written: z.json().describe('what it says, without what holds when nothing is written; secrets masked'),
  base: baseSchema,
});

export type ConfigChange = z.infer<typeof configChangeSchema>;
export type ConfigMistake = z.infer<typeof configMistakeSchema>;
export type ConfigLine = z.infer<typeof configLineSchema>;
export type ConfigChecked = z.infer<typeof configCheckedSchema>;
export type ConfigApplied = z.infer<typeof configAppliedSchema>;
export type ConfigText = z.infer<typeof configTextSchema>;
