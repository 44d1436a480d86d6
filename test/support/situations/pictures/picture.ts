/** What a recording has of a step: both sides, the own side, or nothing, and then by whom or what it is paused. */
export type Kept = 'not yet' | 'both' | 'own' | 'agent' | 'party' | 'line' | 'hold' | 'refused'

/** What somebody hears instead of others: a question, nobody, a tone or music. `rings`: a phone that is not answered yet. */
export type Mark = 'asked' | 'waits' | 'tone' | 'rings'

/** Those who hear each other, or one alone. */
export interface Place {
  people: readonly string[]
  /** By person. Whoever has none only hears the others. */
  marks: Readonly<Record<string, Mark>>
}

export interface Step {
  text: string
  places: readonly Place[]
  /** One for each recording that the picture has. */
  kept: readonly Kept[]
  /** Whose voice is on each side, where it does not follow from the places. */
  voices?: Voices
}

export interface Voices {
  says: readonly string[]
  hears: readonly string[]
}

/** A recording, and the test that shows it. */
export interface Strip {
  head: string
  /** The row of the table that `npm test` prints. */
  row: string
  /** Below `test/call`. */
  test: string
}

/** A situation as `docs/parties.md` shows it. */
export interface Picture {
  /** Of its file. */
  name: string
  title: string
  /** Whose recording it is. */
  recorded: string
  strips: readonly Strip[]
  /** What those who join are told, as the table has it; `-` if nobody joins from outside. */
  told: string
  steps: readonly Step[]
}

export const talk = (...people: string[]): Place => ({ people, marks: {} })
const alone =
  (mark: Mark) =>
  (person: string): Place => ({ people: [person], marks: { [person]: mark } })
export const [asked, waits, tone, rings] = [alone('asked'), alone('waits'), alone('tone'), alone('rings')]

/** Somebody is asked while all hear each other. */
export const whisper = (person: string, ...others: string[]): Place => ({
  people: [...others, person],
  marks: { [person]: 'asked' },
})

/** @param kept of one recording, or of each */
export const step = (text: string, kept: Kept | readonly Kept[], ...places: Place[]): Step => ({
  text,
  places,
  kept: typeof kept === 'string' ? [kept] : kept,
})

/** What a picture says of a recording, as a row of the table that `npm test` prints has it. */
export interface DrawnRow {
  asked: number
  told: string
  allowed: string[]
}

export const rowOf = (picture: Picture, strip: Strip): DrawnRow => ({
  asked: picture.steps.filter(({ places }) => places.some(({ marks }) => marks[picture.recorded] === 'asked'))
    .length,
  told: picture.told,
  allowed: turnsIn(picture, picture.strips.indexOf(strip)),
})

/** What may be recorded in turn. A recording that is paused from the first moment begins with both sides, as in the journal. */
function turnsIn({ steps }: Picture, strip: number): string[] {
  const turns = steps.flatMap(({ kept }) => turnOf(kept[strip]!))
  if (turns.length === 0) return ['nothing']
  const all = ['both sides', ...turns]
  return all.filter((turn, i) => turn !== all[i - 1])
}

function turnOf(kept: Kept): string[] {
  if (kept === 'not yet' || kept === 'refused') return []
  if (kept === 'both') return ['both sides']
  return [kept === 'own' ? 'own side' : `nothing (${kept})`]
}

/** Whose voices are on the sides of the recording, if both are recorded. */
export function voicesIn({ places, voices }: Step, recorded: string): Voices {
  const others = places.find(({ people }) => people.includes(recorded))?.people ?? []
  return voices ?? { says: [recorded], hears: others.filter(person => person !== recorded) }
}
