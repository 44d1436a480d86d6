// Fake: what people of a model PBX do.
import { NUMBERS } from './conversation-lines.js'

/** How somebody answers a question: by a key, or not at all. */
export type Mood = 'yes' | 'no' | 'silent'
/** How somebody answers, by purpose. */
export interface Moods {
  service: Mood
  marketing: Mood
}

/** A move that says nothing but who makes it. */
type Simple<D extends string> = D extends string ? { do: D; who: number } : never

/** What a script may do next. Numbers choose people and rooms, modulo how many there are. */
export type Move =
  | { do: 'join'; who: number; room: number; swap: boolean; moods: Moods }
  | Simple<'leave' | 'park' | 'hang-up' | 'withdraw' | 'pause-key' | 'hold'>
  /** Comes to a line: as a new caller, or sent on from a conversation. */
  | { do: 'call'; who: number; number: string; moods: Moods }
  /** A program has somebody asked in the conversation. */
  | { do: 'ask'; who: number; moods: Moods }
  | { do: 'link'; room: number; other: number }
  | { do: 'unlink'; which: number }
  /** A phone dials a line through a `Local` channel, which goes to a room then. */
  | { do: 'consult'; who: number; room: number; number: string; moods: Moods }
  /** The dialplan dials somebody for a caller, who is heard before answering. */
  | { do: 'dial'; who: number; whom: number }
  | { do: 'dialled'; who: number; answered: boolean; room: number }
  /** New versions of all prompts. */
  | { do: 'publish' }
  /** The service is killed, and the next one starts so many seconds later. */
  | { do: 'restart'; away: number }
  /** The connection to the PBX is lost, for so many seconds. */
  | { do: 'lose'; away: number }

export type MoveOf<D extends Move['do']> = Extract<Move, { do: D }>

/** One of a list, chosen by a number. */
export const at = <T>(list: readonly T[], i: number): T => list[i % list.length]!

const MOODS: readonly Mood[] = ['yes', 'yes', 'yes', 'no', 'silent']
const moodsOf = (n: number): Moods => ({
  service: at(MOODS, n),
  marketing: at(MOODS, n >> 2),
})
const numberOf = (n: number): string => at(NUMBERS, n)

const times = (count: number, kind: (n: number) => Move) => Array.from({ length: count }, () => kind)
/** What may happen, by how often. Of seven people the first three are callers, and the last two agents. */
const KINDS: readonly ((n: number) => Move)[] = [
  ...times(11, n => {
    return { do: 'join', who: n % 7, room: n >> 3, swap: n % 11 === 0, moods: moodsOf(n >> 5) }
  }),
  ...times(4, n => ({ do: 'call', who: n % 3, number: numberOf(n >> 2), moods: moodsOf(n >> 6) })),
  ...times(2, n => ({ do: 'call', who: n % 7, number: numberOf(n >> 2), moods: moodsOf(n >> 6) })),
  ...times(2, n => ({ do: 'ask', who: n % 4, moods: moodsOf(n >> 3) })),
  ...times(2, n => ({ do: 'hold', who: n % 7 })),
  ...times(2, n => ({ do: 'pause-key', who: 5 + (n % 2) })),
  ...times(2, n => ({ do: 'dial', who: n % 3, whom: 3 + ((n >> 2) % 4) })),
  ...times(2, n => ({ do: 'dialled', who: n % 3, answered: n % 4 > 0, room: n >> 4 })),
  ...times(1, n => ({ do: 'restart', away: n % 4 })),
  ...times(1, n => ({ do: 'lose', away: 1 + (n % 3) })),
  ...(['leave', 'park', 'hang-up', 'withdraw'] as const).flatMap(what =>
    times(1, n => ({ do: what, who: n % 7 })),
  ),
  ...times(1, n => ({ do: 'link', room: n, other: n >> 1 })),
  ...times(1, n => ({ do: 'unlink', which: n })),
  ...times(3, n => {
    return { do: 'consult', who: n % 7, room: n >> 3, number: numberOf(n >> 2), moods: moodsOf(n >> 5) }
  }),
  ...times(1, () => ({ do: 'publish' })),
]

/** Where nothing says who is of the company, more happens of what decides about the first: one caller comes to lines, and people to one room. */
const KINDS_UNNAMED: typeof KINDS = [
  ...KINDS,
  ...times(12, n => ({ do: 'join', who: n % 7, room: 0, swap: false, moods: moodsOf(n >> 3) })),
  ...times(6, n => ({ do: 'call', who: 0, number: numberOf(n), moods: moodsOf(n >> 4) })),
]

/** A move as one number, which is drawn far faster than a record. */
const moveOf = (n: number, kinds: typeof KINDS): Move => at(kinds, n)(Math.floor(n / kinds.length))
/** The numbers beyond this one say nothing new. */
export const MOST_MOVES = 0xfffff

/** What happens in one installation. */
export interface Script {
  /** Whether a setting names the phones of the company. */
  isNamed: boolean
  moves: Move[]
}

/** A script: somebody calls, talks in a room, and everything else follows. In a third of them nothing says who is of the company. */
export const scriptOf = ([first = 0, ...others]: readonly number[]): Script => {
  const isNamed = (first >> 12) % 3 < 2
  return {
    isNamed,
    moves: [
      { do: 'call', who: 0, number: numberOf(first), moods: moodsOf(first >> 4) },
      { do: 'join', who: 0, room: 0, swap: false, moods: moodsOf(first >> 8) },
      ...others.map(n => moveOf(n, isNamed ? KINDS : KINDS_UNNAMED)),
    ],
  }
}

/** Of people whose questions are to be over at once: nobody is silent. */
export const talkative = ({ service, marketing }: Moods): Moods => ({
  service: service === 'silent' ? 'no' : service,
  marketing: marketing === 'silent' ? 'no' : marketing,
})

/** A move in a line of text. */
export const describe = (move: Move): string =>
  Object.values(move)
    .map(one => (typeof one === 'object' ? Object.values(one).join('/') : String(one)))
    .join(' ')
