// Who people are to the owner's tools, as the map in the store says and nothing else.
import type { Users } from './bearer-port.ts';

export const STORED_USERS: Users = {
  find: async (_, mapped) => mapped ?? 'unmapped',
};
