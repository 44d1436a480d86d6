/** Number of words of the sheet that are asked for. */
const ASKED = 2

/**
 * Chooses which words of the sheet are asked for. No two stand next to each other, so that one glance at the sheet is
 * not enough.
 *
 * @param count number of words of the sheet
 * @param random returns a byte
 * @returns indices, ascending
 */
export function choosePlaces(count: number, random: () => number = randomByte): number[] {
  const places: number[] = []
  while (places.length < ASKED) {
    const place = random() % count
    if (places.every(one => Math.abs(one - place) > 1)) places.push(place)
  }
  return places.sort((a, b) => a - b)
}

const randomByte = (): number => crypto.getRandomValues(new Uint8Array(1))[0]!
