// What this backend is about. Nothing here knows of bearers: `user` is proven before anything here is called.
import { Problem } from '@countersign/protocol/problem';

interface Order {
  readonly id: string;
  readonly item: string;
  readonly cents: number;
  state: 'on its way' | 'delivered' | 'refunded';
}

const ORDERS: ReadonlyMap<string, readonly Order[]> = new Map<string, Order[]>([
  [
    'u-4711',
    [
      { id: 'o-1001', item: 'desk lamp', cents: 4_900, state: 'delivered' },
      { id: 'o-1002', item: 'chair', cents: 18_900, state: 'on its way' },
    ],
  ],
  ['u-4712', [{ id: 'o-2001', item: 'headphones', cents: 7_900, state: 'delivered' }]],
]);

export function ordersOf(user: string): { readonly items: readonly Order[] } {
  return { items: ORDERS.get(user) ?? [] };
}

/** Among the user's own: an order of somebody else is as unknown as none. */
export function orderOf(user: string, id: unknown): Order {
  const order = ORDERS.get(user)?.find((one) => one.id === id);
  if (order === undefined) throw new Problem('not_found', { detail: 'there is no such order' });
  return order;
}

export function refund(user: string, id: unknown): Order {
  const order = orderOf(user, id);
  if (order.state !== 'delivered') throw new Problem('state_conflict', { detail: `it is ${order.state}` });
  order.state = 'refunded';
  return order;
}
