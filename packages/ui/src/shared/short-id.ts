// An id as a line can hold it: its prefix and enough of it to tell one from another. The whole one is a click away.
export function shortId(id: string): string {
  const at = id.indexOf('_');
  return id.length > at + 9 ? `${id.slice(0, at + 7)}…` : id;
}
