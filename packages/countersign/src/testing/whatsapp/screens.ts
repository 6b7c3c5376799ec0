// What people have on their phones of what we sent: changed, taken back, and each message once, however often it comes.
import { proto as wa } from 'baileys';

/** A message of ours, as the person sees it now. */
export interface WaShown {
  readonly id: string;
  readonly to: string;
  text: string;
  edited: boolean;
  removed: boolean;
}

export class Screens {
  readonly shown: WaShown[] = [];
  visible = 0;

  show(id: string, to: string, message: wa.Message): void {
    const inner = message.editedMessage?.message ?? message;
    const change = inner.protocolMessage;
    const of = this.shown.find((one) => one.id === change?.key?.id && one.to === to);
    // One name is shown once, however often it comes.
    if (this.shown.some((one) => one.id === id && one.to === to)) return;
    this.visible += 1;
    if (change) {
      if (of === undefined) return;
      const text = change.editedMessage?.extendedTextMessage?.text ?? change.editedMessage?.conversation;
      if (change.type === wa.Message.ProtocolMessage.Type.REVOKE) of.removed = true;
      else if (text) Object.assign(of, { text, edited: true });
      return;
    }
    const text = inner.conversation || inner.extendedTextMessage?.text || '';
    this.shown.push({ id, to, text, edited: false, removed: false });
  }
}
