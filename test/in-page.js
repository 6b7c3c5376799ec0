// What tests run inside a page. Plain JavaScript, for the tests themselves know no document; each function stands alone,
// because the browser gets its text and nothing else.

/** Most violations of a policy reach the console as errors; this says of every one what it was. */
export function noteViolations() {
  addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI, sample }) =>
    console.error(`policy violated: ${violatedDirective} ${blockedURI} ${sample}`),
  );
}

/** Resolves when the page has heard of it and drawn its first answer. @param {string} hash @returns {Promise<void>} */
export function setHash(hash) {
  return new Promise((resolve) => {
    const before = location.hash;
    addEventListener('hashchange', () => setTimeout(resolve), { once: true });
    location.hash = hash;
    // It is there already: nobody is told.
    if (location.hash === before) resolve();
  });
}

/** @returns {boolean} */
export function isSettled() {
  return (
    document.querySelector('[aria-busy="true"], [data-testid="loading"], [data-loading="true"]') === null
  );
}

/** @returns {readonly [number, number]} */
export function widths() {
  return [document.documentElement.scrollWidth, innerWidth];
}

/** The test id of what has the focus, its name where it has none. @returns {string} */
export function focused() {
  const at = document.activeElement;
  return at?.dataset['testid'] ?? at?.getAttribute('aria-label') ?? at?.textContent ?? '';
}

/** Everything of the document that somebody's words could have got into.
 * @returns {{ text: string, markup: string[], attributes: string[], title: string }} */
export function wordsOf() {
  const foreign = document.querySelectorAll('img[src="x"], main b, main script, main iframe, [onerror]');
  return {
    text: document.body.textContent,
    markup: [...foreign].map(({ outerHTML }) => outerHTML.slice(0, 200)),
    attributes: [...document.querySelectorAll('*')].flatMap((one) =>
      [...one.attributes].map(({ value }) => value),
    ),
    title: document.title,
  };
}

/** @returns {string} */
export function shownText() {
  return document.body.textContent;
}

/** @returns {number} */
export function elements() {
  return document.querySelectorAll('*').length;
}

/** @returns {void} */
export function goOnline() {
  dispatchEvent(new Event('online'));
}

/** What another page tries on a gateway. @param {readonly [string, string]} where
 * @returns {Promise<Record<string, string>>} */
export async function attempts([url, pairing]) {
  const json = { 'content-type': 'application/json' };
  const path = `${url}/api/v1/pairings/${pairing}/approve`;
  const outcome = (work) =>
    work.then(
      ({ type, status }) => (type === 'opaque' ? 'unread' : `answered ${status}`),
      () => 'refused',
    );
  const read = await outcome(fetch(`${url}/api/v1/people`, { credentials: 'include' }));
  const write = await outcome(fetch(path, { method: 'POST', headers: json, body: '{}' }));
  const simple = await outcome(fetch(path, { method: 'POST', mode: 'no-cors', body: '{}' }));
  const socket = await new Promise((resolve) => {
    const one = new WebSocket(`${url}/ws`.replace('http:', 'ws:'));
    one.onmessage = () => resolve('spoken to');
    one.onerror = () => resolve('refused');
  });
  const frame = document.createElement('iframe');
  frame.src = `${url}/`;
  const loaded = new Promise((resolve) => frame.addEventListener('load', resolve, { once: true }));
  document.body.append(frame);
  await loaded;
  // What was refused shows the browser's own page, which holds nothing of ours.
  const framed = frame.contentWindow?.length === 0 && frame.contentDocument === null ? 'refused' : 'shown';
  return { read, write, simple, socket, framed };
}

/** Everything this origin keeps in the browser, as text. @returns {Promise<string>} */
export async function storage() {
  const found = [
    Object.entries(localStorage),
    Object.entries(sessionStorage),
    document.cookie,
    location.href,
    history.state,
    window.name,
  ];
  for (const { name = '' } of await indexedDB.databases()) {
    const base = await new Promise((resolve, reject) => {
      const open = indexedDB.open(name);
      open.onsuccess = () => resolve(open.result);
      open.onerror = () => reject(open.error);
    });
    for (const store of base.objectStoreNames) {
      const rows = await new Promise((resolve) => {
        const all = base.transaction(store).objectStore(store).getAll();
        all.onsuccess = () => resolve(all.result);
      });
      found.push(name, store, ...rows);
    }
    base.close();
  }
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    for (const request of await cache.keys()) {
      const kept = await cache.match(request);
      found.push(request.url, [...request.headers], await kept?.text());
    }
  }
  return JSON.stringify(found, (_, value) =>
    value instanceof CryptoKey ? { key: value.type, extractable: value.extractable } : value,
  );
}

/** Begins to note how long each press and key took until the page had shown what came of it. */
export function noteInteractions() {
  const longest = new Map();
  globalThis.interactions = longest;
  new PerformanceObserver((list) => {
    for (const { interactionId: id, duration, processingStart, processingEnd } of list.getEntries()) {
      if (id === 0) continue;
      const known = longest.get(id) ?? { shown: 0, work: 0 };
      const work = Math.round(processingEnd - processingStart);
      longest.set(id, { shown: Math.max(known.shown, duration), work: Math.max(known.work, work) });
    }
  }).observe({ type: 'event', durationThreshold: 16 });
}

/** Milliseconds of each so far: until it was shown, in steps of 8, and of those the page's own work. What the browser leaves
 * out took less than 16. @returns {{ count: number, slow: { shown: number, work: number }[] }} */
export function interactions() {
  return { count: performance.interactionCount ?? 0, slow: [...globalThis.interactions.values()] };
}

/** Rows in the document, and how many the list says it has. @returns {{ rows: number, of: number }} */
export function listed() {
  const rows = [...document.querySelectorAll('main ul.list > li')];
  return { rows: rows.length, of: Number(rows.at(-1)?.getAttribute('aria-setsize') ?? 0) };
}

/** When the page no longer shows a row with that text, by the clock. @param {string} text @returns {Promise<number>} */
export function goneAt(text) {
  const isThere = () =>
    [...document.querySelectorAll('main ul.list > li')].some((row) => row.textContent.includes(text));
  return new Promise((resolve) => {
    if (!isThere()) return resolve(Date.now());
    const observer = new MutationObserver(() => {
      if (isThere()) return;
      observer.disconnect();
      resolve(Date.now());
    });
    observer.observe(document.body, { childList: true, subtree: true, characterData: true });
  });
}

/** When the page first shows that text, by the clock. @param {string} text @returns {Promise<number>} */
export function shownAt(text) {
  const isThere = () => document.body.textContent.includes(text);
  return new Promise((resolve) => {
    if (isThere()) return resolve(Date.now());
    const observer = new MutationObserver(() => {
      if (!isThere()) return;
      observer.disconnect();
      resolve(Date.now());
    });
    observer.observe(document.body, { childList: true, subtree: true, characterData: true });
  });
}

/** Rows in which what somebody calls themselves comes before what they cannot choose. @returns {string[]} */
export function namedFirst() {
  return [...document.querySelectorAll('main ul.list > li')].flatMap((row) => {
    const name = row.querySelector('q.name');
    const id = row.querySelector('code');
    const isBehind =
      name === null ||
      (id !== null && (id.compareDocumentPosition(name) & Node.DOCUMENT_POSITION_FOLLOWING) !== 0);
    return isBehind ? [] : [row.textContent.slice(0, 120)];
  });
}

/** Tries to make markup of a string, as an injection would. @returns {string} */
export function plant() {
  try {
    document.body.insertAdjacentHTML('beforeend', '<img src="x" onerror="document.title=1">');
  } catch {
    return 'refused';
  }
  return document.querySelector('img[src="x"]') === null ? 'refused' : 'planted';
}
