// Addresses. Fetching from a public one to look at it is light; a private one, one with a secret in it, or one that cannot be
// read is not; and Countersign's own door is nobody's.
import { HOLE, type Listed, type ListedWord } from '../shell/listing.ts';
import type { Given } from '../shell/options.ts';
import { judgePath, type PathFacts, type Verdict } from './paths.ts';
import type { RiskContext } from './risk.ts';
import type { Row } from './rules.ts';

/** One address that a program fetches. */
export function judgeUrl(
  word: ListedWord,
  context: RiskContext,
  listed: Listed,
  facts: PathFacts,
): readonly Verdict[] {
  if (word.kind !== 'exact' && word.kind !== 'number' && word.kind !== 'glob' && word.kind !== 'among') {
    return [
      {
        rule: 'network.unknown',
        tier: 'elevated',
        why: 'what it sends in the address is only known when it runs',
      },
      ...named(word.value, context),
    ];
  }
  return (word.among ?? [word.value.replaceAll(HOLE, '0')]).flatMap((value) =>
    address(value, context, listed, facts),
  );
}

function address(value: string, context: RiskContext, listed: Listed, facts: PathFacts): readonly Verdict[] {
  const scheme = /^([a-z][a-z0-9+.-]*):\/*/i.exec(value)?.[1]?.toLowerCase();
  if (scheme === 'file') {
    const path = value.replace(/^file:\/\/[^/]*/i, '').replace(/^file:/i, '');
    const found = judgePath({ text: value, value: path, kind: 'exact' }, 'reads', listed, facts);
    return [{ rule: 'network.file', tier: 'elevated', why: 'reads a file by its address' }, ...found];
  }
  // `localhost:3000` has no scheme: what stands before the colon is a host.
  const known =
    scheme === undefined || ['http', 'https', 'ftp', 'ftps'].includes(scheme) || !value.includes('://');
  if (!known)
    return [
      { rule: 'network.scheme', tier: 'elevated', why: `speaks ${scheme}, which can do more than fetch` },
      ...named(value, context),
    ];
  const url = URL.parse(value.includes('://') ? value : `http://${value}`);
  if (url === null) {
    // Patterns like {a,b} and [1-9] are curl's own; what is left is no address that we can judge.
    return [
      { rule: 'network.unknown', tier: 'elevated', why: 'an address that cannot be read' },
      ...named(value, context),
    ];
  }
  const verdicts: Verdict[] = [];
  const port = url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port);
  if (url.username !== '' || url.password !== '')
    verdicts.push({ rule: 'network.credentials', tier: 'elevated', why: 'speaks as somebody' });
  if (isLocal(url.hostname) && context.guarded.ports.includes(port)) verdicts.push(OWN_DOOR);
  else if (isPrivate(url.hostname))
    verdicts.push({
      rule: 'network.private',
      tier: 'elevated',
      why: `${url.hostname} is not a public address`,
    });
  if (/[?&#]/.test(value) && value.length > 500) {
    verdicts.push({ rule: 'network.long', tier: 'elevated', why: 'an address this long sends something' });
  }
  return verdicts;
}

const OWN_DOOR: Verdict = {
  rule: 'floor.countersign',
  tier: 'destructive',
  why: "names Countersign's own address",
};

/** Its door named somewhere in a text. */
export function named(text: string, context: RiskContext): readonly Verdict[] {
  const found = context.guarded.ports.some((port) =>
    new RegExp(
      `(localhost|\\b127\\.|\\b0\\b|\\[?::1?\\]?|ip6-)[^\\s]{0,40}[:\\s,"'(]${port}\\b|:${port}\\b`,
      'i',
    ).test(text),
  );
  return found ? [OWN_DOOR] : [];
}

/** How long, how often, how large: numbers that are not sent. */
const COUNTS =
  /^(-[mcyYWtTis]|--(max-time|connect-timeout|retry(-delay|-max-time)?|max-redirs|max-filesize|limit-rate|speed-(limit|time)|parallel-max|tries|timeout|wait|waitretry|quota|level))$/;

/** They ask a server, which is told their words. */
const ASKING =
  /^(gh|pip index|docker search|gem (search|info|list)|snap info|helm (search|show)|npm (view|info|show|v|search|outdated)|aws|git (ls-remote|fetch|pull|clone|remote|submodule))( |$)/;

/** Of each row, looked at once. */
const SENDING = new WeakMap<Row, { readonly asks: boolean; readonly sends: boolean }>();
function sending(row: Row): { readonly asks: boolean; readonly sends: boolean } {
  const known = SENDING.get(row);
  if (known !== undefined) return known;
  const asks = ASKING.test(row.name);
  const found = {
    asks,
    sends: asks || row.operands.some((kind) => kind === 'urls' || kind === 'wget' || kind === 'hosts'),
  };
  SENDING.set(row, found);
  return found;
}

/** `curl -A "$(cat f)"`, `gh search code "a$x"`: a text that goes where the address says, or to the server that is asked. */
export function judgeSent(row: Row, given: Given): readonly Verdict[] {
  const { name: program } = row;
  const { asks, sends } = sending(row);
  if (!sends) return [];
  const { options } = given;
  const said = (asks ? given.operands : []).filter((word) => !isKnown(word));
  const sent = said.map(
    ({ text }): Verdict => ({
      rule: 'network.unknown',
      tier: 'elevated',
      why: `what ${program} sends as ${text} is only known when it runs`,
    }),
  );
  const values = options.flatMap(({ name, kind, value }): Verdict[] =>
    value === null || (kind !== 'value' && kind !== 'attached') || COUNTS.test(name) || isKnown(value)
      ? []
      : [
          {
            rule: 'network.unknown',
            tier: 'elevated',
            why: `what ${program} ${name} sends is only known when it runs`,
          },
        ],
  );
  return [...sent, ...values];
}

const isKnown = ({ kind }: ListedWord): boolean =>
  kind === 'exact' || kind === 'number' || kind === 'among' || kind === 'glob';

/** Hosts as words of their own, a port perhaps behind them. */
export function judgeHost(
  words: readonly ListedWord[],
  listed: Listed,
  facts: PathFacts,
): readonly Verdict[] {
  const verdicts: Verdict[] = [];
  const text = words.map((word) => word.value).join(' ');
  const local = words.some((word) => isLocal(word.value.replace(/^.*@/, '')));
  const port = words.some((word) => facts.context.guarded.ports.includes(Number(word.value)));
  if (local && port) verdicts.push(OWN_DOOR);
  verdicts.push(...named(text, facts.context));
  for (const word of words) {
    if (word.kind !== 'exact' && word.kind !== 'number') {
      verdicts.push({
        rule: 'network.unknown',
        tier: 'elevated',
        why: `what ${word.text} sends is only known when it runs`,
      });
    }
    const path = /^(?:[A-Za-z-]+:)?([/~][^,]*)/.exec(word.value)?.[1];
    if (path !== undefined) {
      const own = judgePath({ ...word, value: path }, 'deep', listed, facts);
      verdicts.push(...own.filter(({ rule }) => rule.startsWith('floor.') || rule === 'path.secret'));
    }
    if (/\b(exec|system|shell):/i.test(word.value)) {
      verdicts.push({
        rule: 'network.shell',
        tier: 'destructive',
        why: 'a program for whoever is at the other end',
      });
    }
  }
  return verdicts;
}

/** This machine, under any of its names and numbers. `URL` has made `0`, `0x7f.1` and `2130706433` plain already. */
export function isLocal(host: string): boolean {
  const name = host.toLowerCase().replace(/\.$/, '');
  if (
    /^(localhost|.*\.localhost|localhost\.localdomain|ip6-localhost|ip6-loopback|0|0\.0\.0\.0|\[?::1?\]?|\[::ffff:7f[0-9a-f]{2}:[0-9a-f]{1,4}\]|\[::ffff:0:0\])$/.test(
      name,
    )
  )
    return true;
  if (/^127\./.test(name)) return true;
  // Names that public resolvers answer with loopback.
  return (
    /(^|\.)(localtest\.me|lvh\.me|vcap\.me|lacolhost\.com|fuf\.me)$/.test(name) ||
    /(^|[.-])127[.-]0[.-]0[.-]1[.-]/.test(name)
  );
}

function isPrivate(host: string): boolean {
  const name = host.toLowerCase();
  if (isLocal(name) || !/[.:]/.test(name)) return true;
  if (
    /^(10|127)\.|^192\.168\.|^169\.254\.|^172\.(1[6-9]|2\d|3[01])\.|^100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.|^0\.|^(22[4-9]|23\d|24\d|25[0-5])\./.test(
      name,
    )
  )
    return true;
  if (/^\[(f[cde]|::|64:ff9b|100:|2002:)/.test(name)) return true;
  return (
    /\.(local|internal|intranet|lan|home|corp|private|localdomain|home\.arpa|consul|cluster\.local|svc)$/.test(
      name,
    ) || /(nip|sslip|xip)\.io$/.test(name)
  );
}
