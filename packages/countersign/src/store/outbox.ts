// The outbox: stored before it is sent, claimed by one sender at a time, its fate recorded once. The text goes when the
// fate is known.
import type { CardId, OutboxId } from '@countersign/protocol/ids';
import type { Button, Outbox, OutboxItem, OutboxRow } from '../core/outbound.ts';
import { type Context, newIds, openOrNull, sealOrNull } from './context.ts';
import type { Row } from './dialects/database.ts';
import { peerValues, readPeer } from './peers.ts';
import { bytes, bytesOrNull, int, intOrNull, text, textOrNull, word, wordOrNull } from './row.ts';

const bind = (id: OutboxId) => `outbox/content/${id}`;
const buttonsBind = (id: OutboxId) => `outbox/buttons/${id}`;

const COLUMNS = [
  'id',
  'channel',
  'account',
  'native',
  'conversation_kind',
  'conversation',
  'kind',
  'content',
  'buttons',
  'card',
  'principal',
  'turn',
  'once_key',
  'fate',
  'attempts',
  'due_at',
  'deadline',
  'created_at',
] as const;

export function outbox(context: Context): Outbox {
  const { connection: c, vault } = context;

  return {
    async put(drafts, at) {
      if (drafts.length === 0) return;
      const ids = newIds(context, 'outbox', drafts.length);
      const rows = drafts.flatMap((draft, index) => {
        const id = ids[index];
        if (id === undefined) return [];
        const { conversation, kind, principal, turn, once, deadline, card } = draft;
        const buttons = sealOrNull(context, buttonsText(draft.buttons), buttonsBind(id));
        const content = vault.seal(draft.text, bind(id));
        const where = [...peerValues(draft.peer), conversation.kind, conversation.id];
        return [
          [
            id,
            ...where,
            kind,
            content,
            buttons,
            card ?? null,
            principal ?? null,
            turn ?? null,
            once ?? null,
            'queued',
            0,
            at,
            deadline,
            at,
          ],
        ];
      });
      await c.insertNew('outbox', COLUMNS, rows);
    },

    async claim(accounts, by, until, now, limit) {
      if (accounts.length === 0) return [];
      const here = accounts.map(() => '(channel = ? and account = ?)').join(' or ');
      const rows = await c.all(
        `update outbox set claimed_by = ?, due_at = ?, attempts = attempts + 1
         where n in (select n from outbox
           where settled_at is null and due_at <= ? and deadline > ? and (${here})
             -- a peer's messages keep their order: nothing overtakes one that waits for its next try
             and not exists (select 1 from outbox earlier where earlier.settled_at is null
               and earlier.channel = outbox.channel and earlier.account = outbox.account
               and earlier.native = outbox.native and earlier.n < outbox.n and earlier.due_at > ?)
           order by n limit ?)
         and settled_at is null and due_at <= ?
         returning n, ${COLUMNS.join(', ')}`,
        [
          by,
          until,
          now,
          now,
          ...accounts.flatMap(({ channel, account }) => [channel, account]),
          now,
          limit,
          now,
        ],
      );
      return rows.toSorted((a, b) => int(a, 'n') - int(b, 'n')).map((row) => readItem(row, context));
    },

    async abandon(by) {
      // Due as before it was claimed: its claim's end stands in due_at, and nobody is waiting for it.
      return c.run(
        'update outbox set claimed_by = null, due_at = created_at where settled_at is null and claimed_by = ?',
        [by],
      );
    },

    async settle(id, fate, at, reason) {
      const touched = await c.run(
        `update outbox set fate = ?, reason = ?, content = null, buttons = null, claimed_by = null, settled_at = ?
         where id = ? and (settled_at is null or (fate = 'sent' and ? in ('delivered', 'failed')))`,
        [fate, reason ?? null, at, id, fate],
      );
      return touched === 1;
    },

    async report(id, { channel, account }, fate, at, reason) {
      const [row] = await c.all(
        `update outbox set fate = ?, reason = ?, content = null, buttons = null, claimed_by = null, settled_at = ?
         where id = ? and channel = ? and account = ? and attempts > 0
           and (fate = 'sent' or (settled_at is null and claimed_by is not null))
         returning id, channel, account, kind, fate, attempts, reason, created_at, settled_at, card`,
        [fate, reason ?? null, at, id, channel, account],
      );
      return row === undefined ? null : { ...readRow(row), card: wordOrNull<CardId>(row, 'card') };
    },

    async withdraw(card, at) {
      const ended = await c.all(
        `update outbox set fate = 'failed', reason = 'superseded', content = null, buttons = null, settled_at = ?
         where card = ? and kind = 'card' and settled_at is null and claimed_by is null returning attempts`,
        [at, card],
      );
      // A try that failed may have arrived all the same: it is not sent again, and its reader is told.
      return ended.some((row) => int(row, 'attempts') === 0);
    },

    async retry(id, at, reason) {
      const again =
        'update outbox set due_at = ?, claimed_by = null, reason = ? where id = ? and settled_at is null';
      return (await c.run(again, [at, reason, id])) === 1;
    },

    async expire(now, limit) {
      const rows = await c.all(
        `update outbox set fate = 'failed', reason = 'deadline', content = null, buttons = null, claimed_by = null, settled_at = ?
         where n in (select n from outbox where settled_at is null and deadline <= ? order by deadline limit ?)
           and settled_at is null
         returning id, channel, account, kind, fate, attempts, reason, created_at, settled_at`,
        [now, now, limit],
      );
      return rows.map(readRow);
    },

    async recent({ channel, limit }) {
      const rows = await c.all(
        `select id, channel, account, kind, fate, attempts, reason, created_at, settled_at from outbox
         ${channel === undefined ? '' : 'where channel = ?'} order by n desc limit ?`,
        [...(channel === undefined ? [] : [channel]), limit],
      );
      return rows.map(readRow);
    },

    async prune(before) {
      return c.run('delete from outbox where settled_at is not null and settled_at < ?', [before]);
    },
  };
}

function buttonsText(buttons: readonly Button[] | undefined): string | null {
  return buttons === undefined || buttons.length === 0 ? null : JSON.stringify(buttons);
}

function readItem(row: Row, { vault }: Context): OutboxItem {
  const id = word<OutboxId>(row, 'id');
  const principal = wordOrNull<NonNullable<OutboxItem['principal']>>(row, 'principal');
  const turn = wordOrNull<NonNullable<OutboxItem['turn']>>(row, 'turn');
  const once = textOrNull(row, 'once_key');
  const card = wordOrNull<NonNullable<OutboxItem['card']>>(row, 'card');
  const buttons = openOrNull({ vault }, bytesOrNull(row, 'buttons'), buttonsBind(id));
  return {
    id,
    peer: readPeer(row),
    conversation: { kind: word(row, 'conversation_kind'), id: text(row, 'conversation') },
    kind: word(row, 'kind'),
    text: vault.open(bytes(row, 'content'), bind(id)),
    deadline: int(row, 'deadline'),
    ...(principal === null ? {} : { principal }),
    ...(turn === null ? {} : { turn }),
    ...(once === null ? {} : { once }),
    ...(card === null ? {} : { card }),
    // A parser's cast: sealed by put, bound to this row.
    ...(buttons === null ? {} : { buttons: JSON.parse(buttons) as readonly Button[] }),
    attempt: int(row, 'attempts'),
    createdAt: int(row, 'created_at'),
  };
}

function readRow(row: Row): OutboxRow {
  return {
    id: word(row, 'id'),
    channel: text(row, 'channel'),
    account: text(row, 'account'),
    kind: word(row, 'kind'),
    fate: word(row, 'fate'),
    attempts: int(row, 'attempts'),
    reason: textOrNull(row, 'reason'),
    createdAt: int(row, 'created_at'),
    settledAt: intOrNull(row, 'settled_at'),
  };
}
