// RFC 4180, as spreadsheets write it: a head, quoted fields, either end of line, a byte order mark. Commas only.
import { Problem } from '@countersign/protocol/problem';

export interface CsvRow {
  /** As an editor counts. */
  readonly line: number;
  readonly fields: ReadonlyMap<string, string>;
}

/** @throws Problem `request_malformed` for a row of another length than the head, a quote in the wrong place. */
export function readCsv(text: string): readonly CsvRow[] {
  const [head, ...rows] = records(text.replace(/^\u{FEFF}/u, ''));
  if (head === undefined) throw malformed(1, 'the file is empty');
  const names = head.fields.map((name) => name.trim());
  const doubled = names.find((name, index) => names.indexOf(name) !== index);
  if (doubled !== undefined) throw malformed(1, `two columns are called ${JSON.stringify(doubled)}`);
  return rows.map(({ line, fields }) => {
    if (fields.length !== names.length)
      throw malformed(line, `${fields.length} fields where the head has ${names.length}`);
    return { line, fields: new Map(names.map((name, index) => [name, (fields[index] ?? '').trim()])) };
  });
}

interface Line {
  readonly line: number;
  readonly fields: readonly string[];
}

const FIELD = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|\n|\r|$)/y;

function records(text: string): Line[] {
  const found: Line[] = [];
  let [at, line, begun, fields] = [0, 1, 1, [] as string[]];
  while (at < text.length) {
    FIELD.lastIndex = at;
    const match = FIELD.exec(text);
    if (match === null) throw malformed(line, 'a quote stands where none may');
    const [whole, quoted, plain = '', end = ''] = match;
    fields.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    line += whole.split(/\r\n|\n|\r/).length - 1;
    at += whole.length;
    if (end === ',' && at < text.length) continue;
    if (end === ',') fields.push('');
    // An empty line is no row.
    if (fields.length > 1 || fields[0] !== '') found.push({ line: begun, fields });
    [begun, fields] = [line, []];
  }
  return found;
}

function malformed(line: number, what: string): Problem {
  return new Problem('request_malformed', {
    detail: `line ${line}: ${what}`,
    hint: 'the first line is the head: person,user,tenant',
  });
}
