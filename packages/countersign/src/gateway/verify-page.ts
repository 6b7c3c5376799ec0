// The page behind a verify link: it shows the code that stands behind the `#`, which no server and no log ever sees.
import { hash } from 'node:crypto';

const SCRIPT = `const words = {
  en: ['Verify your device', 'Send this code to the assistant, as a message of its own, from the chat with the number you gave:', 'It works once, for ten minutes, and from that number only. It signs nobody in: whoever runs the assistant still decides.', 'There is no code in this address. Ask the assistant for a new link.'],
  de: ['Gerät bestätigen', 'Schicken Sie diesen Code als eigene Nachricht an den Assistenten, aus dem Chat mit der Nummer, die Sie genannt haben:', 'Er gilt einmal, zehn Minuten lang und nur von dieser Nummer. Er meldet niemanden an: Wer den Assistenten betreibt, entscheidet weiterhin.', 'In dieser Adresse steht kein Code. Bitten Sie den Assistenten um einen neuen Link.'],
};
const language = navigator.language.startsWith('de') ? 'de' : 'en';
const [title, send, once, none] = words[language];
const code = /^#code=([A-Z2-9]{5}-[A-Z2-9]{5})$/.exec(location.hash)?.[1];
document.documentElement.lang = language;
document.title = title;
const put = (id, text) => { document.getElementById(id).textContent = text; };
put('title', title);
put('send', code ? send : none);
put('verify-code', code ?? '');
put('once', code ? once : '');
history.replaceState(null, '', location.pathname);`;

const STYLE = `body{font:18px/1.5 system-ui,sans-serif;max-width:34rem;margin:12vh auto;padding:0 1.5rem;color:#1a1a1a;background:#fff}
output{display:block;font:600 2rem/1.4 ui-monospace,monospace;letter-spacing:.08em;user-select:all}
@media (prefers-color-scheme:dark){body{color:#eee;background:#141414}}`;

const HTML = `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta name="robots" content="noindex"><title>Verify your device</title><style>${STYLE}</style>
<main><h1 id="title">Verify your device</h1><p id="send">This page needs JavaScript to show its code.</p>
<output id="verify-code" data-testid="verify-code"></output><p id="once"></p></main><script>${SCRIPT}</script></html>`;

const digest = (text: string) => `'sha256-${hash('sha256', text, 'base64')}'`;

export function verifyPage(): Response {
  return new Response(HTML, {
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': `default-src 'none'; script-src ${digest(SCRIPT)}; style-src ${digest(STYLE)}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-store',
    },
  });
}
