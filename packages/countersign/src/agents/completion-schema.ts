// The parts of an OpenAI-compatible answer that we read. Loose where servers differ, strict where text could be lost.
import { z } from 'zod';

const partSchema = z.union([z.string(), z.object({ text: z.string().optional().catch(undefined) })]);

const messageSchema = z.object({
  content: z.union([z.string(), z.array(partSchema)]).nullish(),
  refusal: z.string().nullish(),
  tool_calls: z.array(z.unknown()).nullish().catch(undefined),
});

const choiceSchema = z.object({
  index: z.number().nullish(),
  delta: messageSchema.nullish(),
  message: messageSchema.nullish(),
  finish_reason: z.string().nullish().catch(null),
});

/** A chunk of a stream, or an answer that came whole. */
export const chunkSchema = z.object({
  error: z.unknown().optional(),
  choices: z.array(choiceSchema).nullish(),
});

export type Message = z.output<typeof messageSchema>;
export type Choice = z.output<typeof choiceSchema>;

/** What a message says: its text, the text of its parts, or the refusal given instead. */
export function textOf(message: Message | null | undefined): string {
  const content = message?.content ?? '';
  const said =
    typeof content === 'string'
      ? content
      : content.map((part) => (typeof part === 'string' ? part : (part.text ?? ''))).join('');
  return said === '' ? (message?.refusal ?? '') : said;
}

const errorSchema = z.object({
  code: z.string().nullish().catch(undefined),
  type: z.string().nullish().catch(undefined),
});

/**
 * The name of a reported error (`model_not_found`), the only part of it that may be shown: messages quote keys and text.
 * @returns null when there is none, or when it is anything but plain words.
 */
export function errorName(error: unknown): string | null {
  const { data } = errorSchema.safeParse(error);
  const name = data?.code ?? data?.type ?? '';
  return name.length <= 64 && /^[a-z]+(_[a-z]+)*$/.test(name) ? name : null;
}
