// Trusted Types, for the Control UI: the one policy of this page. Markup from text is refused everywhere; Mantine alone
// writes the text of a style element, which holds no `<` and looks like rules. A worker is ours or none. Imported first.

/** Rules as Mantine writes them: variables on the root, and its own generated classes. */
const STYLE = /^\s*(?::root|:host|\[data-mantine|\.__m__|\.mantine-|@media|@container)/;
const WORKER = '/sw.js';

export function styleText(text: string): string | null {
  return text === '' || (STYLE.test(text) && !text.includes('<')) ? text : null;
}

export function workerAddress(address: string): string | null {
  return address === WORKER ? WORKER : null;
}

interface TrustedTypes {
  createPolicy(
    name: string,
    rules: Readonly<Record<'createHTML' | 'createScriptURL', (text: string) => string | null>>,
  ): unknown;
}

/** Browsers that enforce nothing need no policy. */
export function installPolicy(trusted: TrustedTypes | undefined): void {
  trusted?.createPolicy('default', { createHTML: styleText, createScriptURL: workerAddress });
}

declare global {
  var trustedTypes: TrustedTypes | undefined;
}

installPolicy(globalThis.trustedTypes);
