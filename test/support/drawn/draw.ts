import { quickLine, quickPurpose } from '../data/quick-lines.js'
import { seededRandom } from '../data/seeded-random.js'

/** What a line tells of its purposes, as the rules need it. */
interface Terms {
  basis: string
  days: number
  words: string
  asked: boolean
}

interface DrawnLine {
  number: string
  /** What the service is told of it. */
  changes: object
  /** By purpose; empty on a line that records nothing. */
  tells: Readonly<Record<string, Terms>>
}

const WAIT = { waitMs: 20_000 }
const base: Terms = { basis: 'consent', days: 20, words: 'granted-marketing', asked: true }
const OTHER_WORDS = 'granted-service'
const purpose = (name: string, changes: object = {}) => ({
  ...quickPurpose(name),
  retentionDays: base.days,
  ...changes,
})
/** The prompts that Consentry brings. */
const shipped = (about: string) => ({
  prompts: { question: `question${about}`, granted: `granted${about}`, refused: `refused${about}` },
})
const telling = (...purposes: object[]) => ({ ...WAIT, purposes })

/** Lines that differ in what they tell. */
export const DRAWN_LINES: readonly DrawnLine[] = [
  { number: '610', changes: telling(purpose('service')), tells: { service: base } },
  {
    number: '611',
    changes: telling(purpose('service', { legalBasis: 'contract' })),
    tells: { service: { ...base, basis: 'contract' } },
  },
  {
    number: '612',
    changes: telling(purpose('service', { retentionDays: 30 })),
    tells: { service: { ...base, days: 30 } },
  },
  {
    number: '613',
    changes: telling(purpose('service', { retentionDays: 7 })),
    tells: { service: { ...base, days: 7 } },
  },
  {
    number: '614',
    changes: { ...telling(purpose('service'), purpose('marketing')), disclosure: OTHER_WORDS },
    tells: { service: { ...base, words: OTHER_WORDS }, marketing: { ...base, words: OTHER_WORDS } },
  },
  {
    number: '615',
    changes: telling(purpose('service'), purpose('marketing')),
    tells: { service: base, marketing: base },
  },
  {
    number: '616',
    changes: { ...telling(purpose('service')), mode: 'notice' },
    tells: { service: { ...base, asked: false } },
  },
  { number: '617', changes: { mode: 'none', purposes: [] }, tells: {} },
  {
    number: '618',
    changes: {
      ...telling(purpose('service', shipped(''))),
      ...{ disclosure: 'disclosure-key', retries: 0 },
    },
    tells: { service: { ...base, words: 'disclosure-key' } },
  },
  {
    number: '619',
    changes: {
      ...telling(purpose('service', shipped('-service')), purpose('marketing', shipped('-marketing'))),
      ...{ disclosure: 'disclosure-purposes', retries: 0 },
    },
    tells: {
      service: { ...base, words: 'disclosure-purposes' },
      marketing: { ...base, words: 'disclosure-purposes' },
    },
  },
]

export const drawnLine = (number: string): DrawnLine => DRAWN_LINES.find(one => one.number === number)!

/** The policies of the lines. */
export const drawnPolicies = () => DRAWN_LINES.map(({ number, changes }) => quickLine(number, changes))

/** How a caller who talks comes to the next line, or to the next agent. */
export type Move =
  /** The dialplan, an agent's phone by REFER, or an operator's panel sends the caller to a line. `gosub`: a second Gosub before any agent is there. */
  | { by: 'gosub' | 'refer' | 'redirect'; line: string }
  /** A phone sends the caller on by 302, or the dialplan dials the line through a `Local` channel: the line asks there, in another call. */
  | { by: '302' | 'local'; line: string }
  /** The caller is parked, and another phone of the company retrieves the call. */
  | { by: 'park' }
  /** The caller comes into a conference, and a phone of the company joins it. */
  | { by: 'conference' }
  /** The RTP of the caller's or the agent's phone restarts: from another source, with older numbers. `re-invite`: SIP says so. */
  | { by: 'rtp'; of: 'caller' | 'agent'; how: 'silent' | 're-invite' }

/** One conversation. */
export interface Drawn {
  seed: string
  first: string
  moves: readonly Move[]
  /** Whether the caller says yes, when asked for a purpose the nth time in the conversation. */
  says(purpose: string, nth: number): boolean
}

const WAYS = ['rtp', 'refer', 'redirect', 'local', 'conference', 'park', 'gosub', '302'] as const

/** Draws a conversation of up to two moves. */
export function drawConversation(seed: string): Drawn {
  const draw = seededRandom(seed)
  const line = () => DRAWN_LINES[draw(DRAWN_LINES.length)]!.number
  const first = line()
  const moves: Move[] = []
  for (let left = 1 + draw(2); left > 0; left -= 1) {
    // Who was retrieved, or has restarted RTP, talks already: no line, and no phone, can send the caller on before that.
    const before = moves.at(-1)?.by
    const ways = before === 'park' || before === 'rtp' ? WAYS.slice(0, 5) : WAYS
    const by = ways[draw(ways.length)]!
    if (by === 'rtp')
      moves.push({ by, of: draw(2) ? 'caller' : 'agent', how: draw(2) ? 'silent' : 're-invite' })
    else if (by === 'park' || by === 'conference') moves.push({ by })
    else moves.push({ by, line: line() })
    // What follows would be of another call, or the caller waits where no phone rings.
    if (by === '302' || by === 'local' || by === 'conference') break
  }
  return {
    ...{ seed, first, moves },
    says: (purpose, nth) => seededRandom(`${seed} ${purpose} ${nth}`)(4) > 0,
  }
}

/** A conversation in a line of text. */
export const describeDrawn = ({ seed, first, moves }: Drawn): string =>
  [`${seed}: ${first}`, ...moves.map(move => Object.values(move).join(' '))].join(', ')

/** Whether a yes to one thing is one to another, by `docs/parties.md`. */
export const isEnough = (given: Terms, wanted: Terms): boolean =>
  given.basis === wanted.basis &&
  given.days >= wanted.days &&
  given.words === wanted.words &&
  (given.asked || !wanted.asked)

export type { Terms }
