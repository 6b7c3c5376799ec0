// An id that can be followed: everything about it is one click away. What a person is called stands
// behind their id, for it can change (R67).
import { visible } from '@countersign/protocol/display';
import { createContext, type ReactNode, useContext } from 'react';
import { href, useRoute } from '../../app/router.ts';
import { Name } from '../../shared/Name.tsx';
import { shortId } from '../../shared/short-id.ts';
import { text } from '../../text/say.ts';
import { following, readFilters, writeFilters } from './filters.ts';
import { byOf } from './words.ts';

const says = text.audit;

/** Names by id, of everybody who is known. */
export const Names = createContext<ReadonlyMap<string, string>>(new Map());

export function Followed({
  id,
  isWhole = false,
}: {
  readonly id: string;
  readonly isWhole?: boolean;
}): ReactNode {
  const { query } = useRoute();
  const name = useContext(Names).get(id);
  const filters = readFilters(query);
  const target = writeFilters({ ...filters, about: following(filters, id) });
  return (
    <a className="audit-id" href={href('audit', target)} title={says.follow(id)}>
      <code>{isWhole ? id : shortId(id)}</code>
      {name !== undefined && (
        <>
          {' '}
          <Name text={name} />
        </>
      )}
    </a>
  );
}

/** Who did it. */
export function By({ actor }: { readonly actor: string }): ReactNode {
  const by = byOf(actor);
  switch (by.how) {
    case 'host':
    case 'file':
    case 'system':
    case 'sender':
      return says.by[by.how];
    case 'hostAs':
      return (
        <>
          {says.by.hostAs} <Followed id={by.person} />
        </>
      );
    case 'person': {
      const surfaces: Readonly<Record<string, string>> = says.by.surfaces;
      return (
        <>
          <Followed id={by.person} />{' '}
          {by.device === null ? (
            (surfaces[by.surface] ?? visible(by.surface))
          ) : (
            <>
              {says.by.device} <Followed id={by.device} />
            </>
          )}
        </>
      );
    }
    case 'other':
      return <code>{visible(by.text)}</code>;
    default:
      return by satisfies never;
  }
}
