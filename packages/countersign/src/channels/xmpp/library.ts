// @xmpp/client, loaded when it is used. It is trusted to speak the protocol and with nothing else: what it would do by
// itself (go to another host, log in again, count what is not stored yet) is taken from it in session.ts.
import { Problem } from '@countersign/protocol/problem';
import type { Element } from '@xmpp/client';
import type { Stanza } from './wire.ts';

export type Library = typeof import('@xmpp/client');

/** @throws Problem `channel_unreachable` when the library is not installed, or is one that we cannot hold. */
export async function loadXmpp(): Promise<Library> {
  let library: Library;
  try {
    library = await import('@xmpp/client');
  } catch {
    throw notHere('the library for XMPP is not installed');
  }
  if (typeof library.client !== 'function' || typeof library.xml !== 'function')
    throw notHere('this version of the library for XMPP is not one that was checked');
  return library;
}

function notHere(detail: string): Problem {
  return new Problem('channel_unreachable', {
    detail,
    hint: 'npm install @xmpp/client@0.14.0, beside countersign, then restart the gateway',
  });
}

/** Deeper is no message: whoever nests ten thousand elements wants our stack. */
const MAX_DEPTH = 12;

/** Out of the library's elements, with namespaces where they can be read without looking up. */
export function stanzaOf(element: Element, depth = 0): Stanza {
  const xmlns = element.getNS();
  const children = depth >= MAX_DEPTH ? [] : element.children;
  return {
    name: element.getName(),
    attrs: { ...element.attrs, ...(xmlns === undefined ? {} : { xmlns }) },
    children: children.map((child) => (typeof child === 'string' ? child : stanzaOf(child, depth + 1))),
  };
}
