// What a browser is called before people who decide about it: "Firefox on Linux", on every surface alike. A claim like every
// name, and short; of the user agent itself nothing gets through.

const BROWSERS: readonly (readonly [string, RegExp])[] = [
  ['Edge', /\bEdg(?:e|A|iOS)?\//],
  ['Opera', /\bOPR\//],
  ['Firefox', /\b(?:Firefox|FxiOS)\//],
  ['Chrome', /\b(?:Chrome|CriOS|Chromium|HeadlessChrome)\//],
  ['Safari', /\bSafari\//],
];
const SYSTEMS: readonly (readonly [string, RegExp])[] = [
  ['iPhone', /\biPhone\b/],
  ['iPad', /\biPad\b/],
  ['Android', /\bAndroid\b/],
  ['Windows', /\bWindows\b/],
  ['macOS', /\bMac OS X\b/],
  ['ChromeOS', /\bCrOS\b/],
  ['Linux', /\bLinux\b/],
];

/** From `navigator.userAgent`, or the header. */
export function browserName(userAgent: string): string {
  const first = (table: typeof BROWSERS): string | undefined =>
    table.find(([, pattern]) => pattern.test(userAgent))?.[0];
  const system = first(SYSTEMS);
  return `${first(BROWSERS) ?? 'Browser'}${system === undefined ? '' : ` on ${system}`}`;
}

/** The header of a request: a browser's by its name, another program's as it is. */
export function callerName(userAgent: string): string {
  return userAgent.startsWith('Mozilla/') ? browserName(userAgent) : userAgent;
}
