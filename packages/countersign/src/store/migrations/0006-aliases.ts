// Other ids of people, as their channel proved them; of who asks to be let in, too.
import type { ColumnTypes } from '../dialects/database.ts';

export function aliases(types: ColumnTypes): readonly string[] {
  const { text, time, small, sealed } = types;
  return [
    `create table aliases (
      channel ${text} not null, account ${text} not null, native ${text} not null, holder ${text} not null,
      disputed ${small} not null, joined ${small} not null, since ${time} not null, primary key (channel, account, native)) ${types.end(true)}`,
    'create index aliases_holder on aliases (channel, account, holder)',
    `alter table pairings add column beside ${sealed}`,
  ];
}
