// German, for `/`: put in the place of English before the pages are loaded.
import { speakStrings } from '../strings.ts';
import { speakClaim } from '../strings-claim.ts';
import { speakHouse } from '../strings-house.ts';
import { german as claim } from './de/claim.ts';
import { german as house } from './de/house.ts';
import { german as strings } from './de/strings.ts';
import { german } from './de.ts';
import { speak } from './say.ts';

export function speakGerman(): void {
  speakStrings(strings);
  speakClaim(claim);
  speakHouse(house);
  speak(german, 'de');
}
