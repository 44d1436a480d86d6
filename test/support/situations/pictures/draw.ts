import { type Kept, type Picture, type Place, type Step, voicesIn } from './picture.js'
import { boxed, frame, linesOf, pill, pillWidth, text } from './shapes.js'

/** Width of a picture, which fits a telephone; its margin; and the height of its head, px. */
const [WIDTH, PAD, HEAD] = [380, 10, 40]
/** Width of a side of a recording, px: of a picture with one, and of a picture with two. */
const SIDE = { one: 50, two: 36 }
/** Between two recordings, and between them and the steps, px. */
const GAP = 8
/** Height of a line of text, of the field of those who hear each other, and the room above and below, px. */
const [LINE, FIELD, ROOM] = [16, 28, 7]
/** Between two people, px. */
const APART = 6
/** How long a line may be, letters: it fits in a wide font, too. `open`: where no recording is beside it. */
const LETTERS = { one: 32, two: 25, open: 42 }

/** What stands in a recording of which nothing, or one side, is recorded. */
const WHY: Record<Exclude<Kept, 'not yet' | 'both'>, readonly string[]> = {
  own: ['party'],
  agent: ['paused', '(agent)'],
  party: ['paused', '(party)'],
  line: ['paused', '(line)'],
  hold: ['paused', '(hold)'],
  refused: ['nothing'],
}

/** A situation as SVG. Each step has those who hear each other, and beside it what is recorded. */
export function drawPicture(picture: Picture): string {
  const size = picture.strips.length > 1 ? 'two' : 'one'
  const side = SIDE[size]
  const strips = picture.strips.map((strip, i) => ({
    ...strip,
    x: WIDTH - PAD - (picture.strips.length - i) * (2 * side + GAP) + GAP,
  }))
  const left = strips[0]!.x - GAP
  const places = columnsOf(picture)
  const shapes: string[] = []
  for (const { head, x } of strips)
    shapes.push(
      text(x + side, 16, [head], 'strong middle'),
      text(x + side / 2, 32, ['says'], 'small middle'),
      text(x + (3 * side) / 2, 32, ['hears'], 'small middle'),
    )
  shapes.push(text(PAD, 32, ['who hears whom'], 'small'))
  let y = HEAD
  const rows: Row[] = []
  for (const [i, one] of picture.steps.entries()) {
    const isOpen = one.kept.every(kept => kept === 'not yet')
    const lines = linesOf(`${i + 1}. ${one.text}`, LETTERS[isOpen ? 'open' : size])
    const height = 2 * ROOM + lines.length * LINE + FIELD + 4
    shapes.push(`<path class="rule" d="M${PAD} ${y}H${left}"/>`)
    shapes.push(text(PAD, y + ROOM + 12, lines, 'text', LINE))
    const field = y + ROOM + lines.length * LINE + 4
    shapes.push(...one.places.map(place => drawPlace(place, places, field)))
    rows.push({ one, y, height })
    y += height
  }
  for (const [n, { x }] of strips.entries())
    for (const row of joined(rows, n)) shapes.push(...drawSides(row, n, picture.recorded, x, side))
  return frame(WIDTH, y + PAD, picture.title, shapes)
}

interface Row {
  one: Step
  y: number
  height: number
}

/** Steps of which a recording has nothing, for the same reason, are one row. */
function joined(rows: readonly Row[], strip: number): Row[] {
  const all: Row[] = []
  for (const row of rows) {
    const [last, kept] = [all.at(-1), row.one.kept[strip]]
    if (last?.one.kept[strip] === kept && kept !== 'both' && kept !== 'own') last!.height += row.height
    else all.push({ ...row })
  }
  return all
}

/** Where each person stands, from left to right, px. */
function columnsOf({ steps }: Picture): Map<string, number> {
  const all = steps.flatMap(({ places }) => places)
  const people = [...new Set(all.flatMap(place => place.people))]
  const widest = (person: string) =>
    Math.max(
      ...all.flatMap(({ people, marks }) =>
        people.includes(person) ? pillWidth(person, marks[person]) : [],
      ),
    )
  let x = PAD + APART / 2
  return new Map(
    people.map(person => {
      const at = x
      x += widest(person) + APART
      return [person, at]
    }),
  )
}

/** Those who hear each other stand in one field. */
function drawPlace({ people, marks }: Place, columns: Map<string, number>, y: number): string {
  const pills = people.map(person => ({
    person,
    x: columns.get(person)!,
    mark: marks[person],
  }))
  const from = Math.min(...pills.map(({ x }) => x)) - APART / 2
  const to = Math.max(...pills.map(({ person, mark, x }) => x + pillWidth(person, mark))) + APART / 2
  const field = people.length > 1 ? boxed('field', from, y, to - from, FIELD, FIELD / 2) : ''
  return field + pills.map(({ person, x, mark }) => pill(person, x, y + FIELD / 2, mark)).join('')
}

/** What a recording has of a step: the side that the recorded person says, and the one that this person hears. */
function drawSides(
  { one, y, height }: Row,
  strip: number,
  recorded: string,
  x: number,
  side: number,
): string[] {
  const kept = one.kept[strip]!
  if (kept === 'not yet') return []
  const middle = (lines: readonly string[]) => y + height / 2 + 4 - ((lines.length - 1) * 12) / 2
  const full = (left: number, voices: readonly string[]) =>
    boxed('kept', left + 0.5, y, side - 1, height) +
    text(left + side / 2, middle(voices), voices, 'voice middle', 12)
  const empty = (left: number, width: number, why: readonly string[]) =>
    boxed('left-out', left + 1, y + 1, width - 2, height - 2) +
    text(left + width / 2, middle(why), why, 'small middle', 12)
  const { says, hears: others } = voicesIn(one, recorded)
  // A narrow side has a line for each word.
  const hears = side < SIDE.one ? others.flatMap(name => name.split(' ')) : others
  if (kept === 'both') return [full(x, says), full(x + side, hears)]
  if (kept === 'own') return [full(x, says), empty(x + side, side, WHY.own)]
  return [empty(x, 2 * side, WHY[kept])]
}

/** What the signs mean, in the order of the legend. */
const SIGNS: readonly [sign: (x: number, y: number) => string, meaning: string][] = [
  [
    (x, y) =>
      boxed('field', x - 4, y - FIELD / 2, 2 * pillWidth('A') + APART + 8, FIELD, FIELD / 2) +
      pill('A', x, y) +
      pill('B', x + pillWidth('A') + APART, y),
    'A and B hear each other',
  ],
  [(x, y) => pill('A', x, y, 'asked'), 'A is asked'],
  [(x, y) => pill('A', x, y, 'tone'), 'A hears music or a tone'],
  [(x, y) => pill('A', x, y, 'waits'), 'A hears none of the others'],
  [(x, y) => pill('A', x, y, 'rings'), 'A’s phone rings'],
  [
    (x, y) => boxed('kept', x, y - 12, 44, 24) + text(x + 22, y + 4, ['A'], 'voice middle'),
    'recorded; A can be heard there',
  ],
  [(x, y) => boxed('left-out', x, y - 12, 44, 24), 'not recorded'],
]

/** The legend of all pictures, as SVG. */
export function drawLegend(): string {
  const row = 34
  const shapes = SIGNS.flatMap(([sign, meaning], i) => {
    const y = PAD + row / 2 + i * row
    return [sign(PAD + 4, y), text(96, y + 4, [meaning], 'text')]
  })
  return frame(WIDTH, 2 * PAD + SIGNS.length * row, 'What the signs mean', shapes)
}
