// Linking a phone, in memory: what the gateway would say, one step after the other, as the test plays the phone. A
// question for the next step waits for it, as the gateway lets it wait.
import type { LoginStepRow } from '@countersign/protocol/channel-login';
import type { AccountStatus } from '@countersign/protocol/gateway';
import type { Answer, Call } from './fake-house.ts';

type Step = Pick<LoginStepRow, 'state'> & Partial<LoginStepRow>;

export class FakeLinking {
  /** What was asked for, oldest first. */
  readonly begun: Call['body'][] = [];
  readonly cancelled: string[] = [];
  /** Set to have the next begin refused. */
  refusal: Answer | null = null;
  /** Whether a call has to carry a proof. */
  needsProof = false;
  /** Whether the service can be told of an unlinking. */
  told = true;
  #row: LoginStepRow | null = null;
  #waiting: (() => void)[] = [];

  get row(): LoginStepRow | null {
    return this.#row;
  }

  /** The next step, as the phone or WhatsApp makes it. */
  go(step: Step): void {
    if (this.#row === null) throw new Error('nothing is being linked');
    const { id, channel, account, step: before } = this.#row;
    this.#row = { id, channel, account, step: before + 1, ...step };
    for (const resume of this.#waiting.splice(0)) resume();
  }

  picture(text: string, seconds = 60): void {
    this.go({ state: 'picture', text, expiresAt: inSeconds(seconds) });
  }

  code(text: string, seconds = 160): void {
    this.go({ state: 'code', text, expiresAt: inSeconds(seconds) });
  }

  fail(detail: string, hint?: string): void {
    this.go({
      state: 'failed',
      problem: { code: 'channel_unreachable', detail, ...(hint === undefined ? {} : { hint }) },
    });
  }

  begin(channel: string, body: Call['body']): Answer {
    this.begun.push(body);
    if (this.refusal !== null) return this.refusal;
    const id = `login_${String(this.begun.length).padStart(32, 'a')}`;
    this.#row = { id, channel, account: String(body['account'] ?? 'default'), step: 1, state: 'starting' };
    return { status: 202, body: this.#row };
  }

  async follow(id: string, after: number): Promise<Answer> {
    if (this.#row?.id !== id) return gone();
    if (this.#row.step <= after) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    return this.#row?.id === id ? { status: 200, body: this.#row } : gone();
  }

  cancel(id: string): Answer {
    this.cancelled.push(id);
    if (this.#row?.id !== id) return gone();
    this.fail('the linking was given up');
    return { status: 200, body: this.#row };
  }

  /** As after a restart of the gateway. */
  forget(): void {
    this.#row = null;
    for (const resume of this.#waiting.splice(0)) resume();
  }
}

/** The account as it is without a phone. */
export const UNLINKED: AccountStatus = {
  channel: 'whatsapp',
  account: 'default',
  enabled: true,
  dmPolicy: 'pairing',
  state: 'failed',
  detail: 'no phone is linked yet',
  hint: 'countersign channels login whatsapp',
};

function inSeconds(seconds: number): string {
  return new Date(Date.now() + seconds * 1_000).toISOString();
}

function gone(): Answer {
  const body = { type: '/docs/errors#not_found', title: 'There is no such thing', status: 404 };
  return {
    status: 404,
    body: { ...body, code: 'not_found', detail: 'there is no such linking, or not any more' },
  };
}
