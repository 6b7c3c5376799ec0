// Entry of `/`: takes the claim secret out of the address before anything else can see it, then shows the claim page.
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { secretOf } from './claim/claim.ts';
import { placeOf } from './shared/place.ts';
import { NotSecure } from './shared/Shell.tsx';
import { Claim } from './views/Claim.tsx';

const secret = secretOf(location.hash);
if (location.hash !== '') history.replaceState(null, '', location.pathname + location.search);

const secure = globalThis.crypto?.subtle !== undefined;
const place = placeOf(location, secure);
const root = document.getElementById('root');
if (root !== null) {
  createRoot(root).render(
    <StrictMode>{secure ? <Claim secret={secret} place={place} /> : <NotSecure place={place} />}</StrictMode>,
  );
}
