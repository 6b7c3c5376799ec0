// What WhatsApp's server answers when a device asks: who has which number and LID, which devices, which keys, who is in a
// group.
import type { BinaryNode } from 'baileys';
import type { Person } from './person.ts';

export const OUR_PHONE = '15550009999';
export const OUR_LID = '900000000009999';

export interface Directory {
  everybody(): readonly Person[];
  at(jid: string | undefined): Person | null;
  owner(): Person;
  knowsLids(): boolean;
  time(): string;
}

export function answerQuery(node: BinaryNode, directory: Directory): BinaryNode {
  const { id = '', xmlns, to = 's.whatsapp.net' } = node.attrs;
  const [child] = children(node);
  const result = (...content: BinaryNode[]): BinaryNode => ({
    tag: 'iq',
    attrs: { id, from: to, type: 'result', t: directory.time() },
    content,
  });
  if (child?.tag === 'count') return result({ tag: 'count', attrs: { value: '50' } });
  if (child?.tag === 'digest') return result({ tag: 'digest', attrs: {} });
  if (child?.tag === 'key' && xmlns === 'encrypt') {
    const users = children(child).flatMap(({ attrs }) => {
      const person = directory.at(attrs['jid']);
      return person === null ? [] : [person.keyNode(`${attrs['jid']}`)];
    });
    return result({ tag: 'list', attrs: {}, content: users });
  }
  if (child?.tag === 'usync') return result(usyncOf(child, directory));
  if (xmlns === 'w:g2') {
    const members = directory.everybody().map(({ lid, pn }) => ({
      tag: 'participant',
      attrs: { jid: lid, phone_number: pn },
    }));
    const own = {
      tag: 'participant',
      attrs: { jid: `${OUR_LID}@lid`, phone_number: `${OUR_PHONE}@s.whatsapp.net` },
    };
    const attrs = {
      id: to.split('@')[0] ?? '',
      subject: 'Test',
      s_t: '1',
      creation: '1',
      addressing_mode: 'lid',
    };
    return result({ tag: 'group', attrs, content: [own, ...members] });
  }
  return result();
}

function usyncOf(usync: BinaryNode, directory: Directory): BinaryNode {
  const users = children(childOf(usync, 'list')).map((user): BinaryNode => {
    const contact = childOf(user, 'contact')?.content;
    const asked =
      typeof contact === 'string'
        ? contact
        : contact instanceof Uint8Array
          ? Buffer.from(contact).toString()
          : '';
    const jid = user.attrs['jid'] ?? `${asked.replace('+', '')}@s.whatsapp.net`;
    const person = directory.at(jid);
    const lid = person === null || !directory.knowsLids() ? [] : [{ tag: 'lid', attrs: { val: person.lid } }];
    const devices = person === null ? [] : person === directory.owner() ? ['0', '7'] : ['0'];
    const list = devices.map((id) => ({
      tag: 'device',
      attrs: { id, ...(id === '0' ? {} : { 'key-index': '1' }) },
    }));
    return {
      tag: 'user',
      attrs: { jid },
      content: [
        { tag: 'devices', attrs: {}, content: [{ tag: 'device-list', attrs: {}, content: list }] },
        { tag: 'contact', attrs: { type: person === null ? 'out' : 'in' } },
        ...lid,
      ],
    };
  });
  return {
    tag: 'usync',
    attrs: { sid: usync.attrs['sid'] ?? '' },
    content: [{ tag: 'list', attrs: {}, content: users }],
  };
}

export function children(node: BinaryNode | null): BinaryNode[] {
  return Array.isArray(node?.content) ? node.content : [];
}

export function childOf(node: BinaryNode, tag: string): BinaryNode | null {
  return children(node).find((one) => one.tag === tag) ?? null;
}
