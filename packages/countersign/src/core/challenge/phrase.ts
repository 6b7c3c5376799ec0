// Two plain words that stand on the waiting page and in the owner's chat: whoever types the code sees that both speak of
// the same browser. They prove nothing; a person compares them.
import type { Random } from '../ports.ts';

const WORDS = [
  'amber anchor apple arrow autumn badger bamboo barley basil beacon berry birch',
  'bison blossom bonfire boulder bramble breeze bridge bronze brook candle canyon caravan',
  'cedar cherry clover cobalt comet copper coral cotton crane cricket crystal dahlia',
  'daisy dolphin domino dragon drum dune eagle ember falcon feather fern fiddle',
  'finch flame flint forest fossil fountain galaxy garden ginger glacier granite grape',
  'harbor harvest hazel heron hickory honey horizon indigo island ivory jasmine jigsaw',
  'juniper kettle kite lagoon lantern laurel lemon lilac linen lobster lotus lynx',
  'magnet mango maple marble meadow melon meteor mirror monsoon mosaic mulberry mustard',
  'nectar nickel nutmeg oak oasis ocean olive onyx orange orchard orchid otter',
  'paddle panther paper parrot pebble pepper piano pigeon pine planet plum pollen',
  'pond poplar prairie prism pumpkin quartz quill rabbit radish raven reed ribbon',
  'river robin rocket rosemary saddle saffron salmon sandal sapphire scarlet seal sesame',
  'shadow silver sparrow spruce squirrel summer sunset swallow tangerine teapot temple thistle',
  'thunder tiger timber topaz tulip tundra turtle umbrella valley vanilla velvet violet',
  'violin walnut walrus water whistle willow winter wolf yarrow zebra zenith zephyr',
]
  .join(' ')
  .split(' ');

export function drawPhrase(random: Random): string {
  const [a = 0, b = 0, c = 0, d = 0] = random.bytes(4);
  // A slight bias over 16 bits is nothing here: the words are compared, never guessed.
  return `${WORDS[((a << 8) | b) % WORDS.length]} ${WORDS[((c << 8) | d) % WORDS.length]}`;
}
