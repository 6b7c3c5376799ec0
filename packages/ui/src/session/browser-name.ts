// What this browser calls itself to people who decide about it: "Firefox on Linux". A claim like every name, and short.

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

/** From `navigator.userAgent`. */
export function browserName(userAgent: string): string {
  const first = (table: typeof BROWSERS): string | undefined =>
    table.find(([, pattern]) => pattern.test(userAgent))?.[0];
  const system = first(SYSTEMS);
  return `${first(BROWSERS) ?? 'Browser'}${system === undefined ? '' : ` on ${system}`}`;
}
