// What we say, as Meta takes it: free words and buttons while the 24 hours run, a template after them. Pure. A person is
// written to by the id they are known by: a business-scoped id in the place of a phone number is taken, and dropped.
import { Problem } from '@countersign/protocol/problem';
import type { Address, Outbound } from '../../core/channel-port.ts';
import type { Button } from '../../core/outbound.ts';
import { forTemplate } from '../one-line.ts';

/** A text that Meta has approved, by its name there. */
export interface Templates {
  /** Of the category "authentication", with a button that copies the code. */
  readonly login: string | null;
  /** Of the category "utility", with one hole in its body. */
  readonly notice: string | null;
  readonly language: string;
}

/** What hangs above buttons is shorter than what stands alone. */
const MAX_OVER_BUTTONS = 1_024;
const MAX_BUTTONS = 3;
const MAX_TITLE = 20;

/** @returns the messages that `message` becomes: more than one only where its words do not fit above its buttons. */
export function freeWords(to: Address, { id, text, buttons }: Outbound): readonly object[] {
  const head = { messaging_product: 'whatsapp', ...recipientOf(to), biz_opaque_callback_data: id };
  const plain = (body: string) => ({ ...head, type: 'text', text: { body, preview_url: false } });
  if (buttons === undefined || buttons.length === 0) return [plain(text)];
  const at = text.length <= MAX_OVER_BUTTONS ? 0 : breakAt(text);
  const action = { buttons: buttons.slice(0, MAX_BUTTONS).map(buttonOf) };
  const card = {
    ...head,
    type: 'interactive',
    interactive: { type: 'button', body: { text: text.slice(at) }, action },
  };
  return at === 0 ? [card] : [plain(text.slice(0, at)), card];
}

/** The last lines that fit above buttons: what is decided stands right over them. */
function breakAt(text: string): number {
  const from = text.length - MAX_OVER_BUTTONS;
  const line = text.indexOf('\n', from) + 1;
  if (line > 0 && line < text.length) return line;
  return /^[\uDC00-\uDFFF]/.test(text.slice(from)) ? from + 1 : from;
}

function buttonOf({ label, value }: Button): object {
  return { type: 'reply', reply: { id: value, title: label.slice(0, MAX_TITLE).toWellFormed() } };
}

/** @throws Problem `channel_cannot_initiate`, saying what is missing. */
export function templated(to: Address, { id, kind, text, code }: Outbound, templates: Templates): object {
  const { login, notice, language } = templates;
  const about = { messaging_product: 'whatsapp', biz_opaque_callback_data: id, type: 'template' };
  const template = (name: string, components: readonly object[]) => ({
    template: { name, language: { code: language }, components },
  });
  if (kind === 'login-code' && code !== undefined) {
    if (login === null) throw new Problem('channel_cannot_initiate', NO_LOGIN_TEMPLATE);
    const hole = [{ type: 'text', text: code }];
    const button = { type: 'button', sub_type: 'url', index: '0', parameters: hole };
    return { ...about, ...phoneOnly(to), ...template(login, [{ type: 'body', parameters: hole }, button]) };
  }
  if (notice === null) throw new Problem('channel_cannot_initiate', NO_NOTICE_TEMPLATE);
  const body = { type: 'body', parameters: [{ type: 'text', text: forTemplate({ kind, text }) }] };
  return { ...about, ...recipientOf(to), ...template(notice, [body]) };
}

const NO_LOGIN_TEMPLATE = {
  detail:
    'a login code outside the 24 hours needs a template of the category authentication, and none is configured',
  hint: 'set channels.whatsapp-cloud.loginTemplate to its name, or write to this number first and ask again',
};
const NO_NOTICE_TEMPLATE = {
  detail:
    'that person has not written for 24 hours, and there is no approved template to reach them with all the same',
  hint: 'set channels.whatsapp-cloud.noticeTemplate to the name of one with a single hole in its body',
};

export function hasPhone(to: Address): boolean {
  return phoneOf(to) !== undefined;
}

function phoneOf({ peer, alias }: Address): string | undefined {
  return [peer.native, alias].find((native) => native?.startsWith('+') === true);
}

/** Meta sends its authentication templates to phone numbers only. */
function phoneOnly(to: Address): object {
  const phone = phoneOf(to);
  if (phone !== undefined) return { recipient_type: 'individual', to: phone.slice(1) };
  throw new Problem('channel_cannot_initiate', {
    detail: 'WhatsApp sends login codes to phone numbers only, and this person has shown us none',
    hint: 'they write to this number first and ask again within 24 hours',
  });
}

/** @throws Problem `channel_refused` for a place that is none. */
function recipientOf({ peer, conversation }: Address): object {
  switch (conversation.kind) {
    case 'direct':
      return peer.native.startsWith('+')
        ? { recipient_type: 'individual', to: peer.native.slice(1) }
        : { recipient_type: 'individual', recipient: peer.native };
    case 'group':
      return { recipient_type: 'group', to: conversation.id };
    default:
      throw new Problem('channel_refused', { detail: 'that conversation is no chat of WhatsApp' });
  }
}
