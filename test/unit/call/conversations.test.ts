// Real: the book of bridges, the neighbours, the table of parties, the pause switch. Fake: the PBX and the recorder.
import fc from 'fast-check'
import t from 'tap'
import type { Move } from '../../support/fuzz/conversation-moves.js'
import { World } from '../../support/fuzz/model-conversations.js'

const SCRIPTS = 10_000

/** What is told with an answer. */
const termsOf = (n: number) => ({
  ...{ purposes: 1 + ((n >> 3) % 3), days: n % 5 === 0 ? 7 : 30, version: (n >> 5) % 4 === 0 ? 2 : 1 },
})

/** What may happen, by how often. */
const KINDS: readonly ((n: number) => Move)[] = [
  ...Array.from({ length: 8 }, () => (n: number): Move => {
    return { do: 'join', who: n % 6, room: n >> 3, swap: n % 11 === 0 }
  }),
  ...Array.from({ length: 4 }, () => (n: number): Move => {
    return { do: 'answer', who: n % 6, ...termsOf(n) }
  }),
  ...Array.from({ length: 2 }, () => (n: number): Move => {
    return { do: 'agree', who: n % 6, ...termsOf(n), taps: n % 7 === 0 }
  }),
  ...(['leave', 'park', 'hang-up', 'withdraw', 'none-line', 'pause-key'] as const).map(
    what =>
      (n: number): Move => ({ do: what, who: n % 6 }),
  ),
  n => ({ do: 'link', room: n, other: n >> 1 }),
  n => ({ do: 'unlink', room: n, other: 0 }),
  n => ({ do: 'consult', who: n % 6, room: n >> 3, yes: n % 3 > 0 }),
]
/** A move as one number, which is drawn far faster than a record. */
const moveOf = (n: number): Move => KINDS[n % KINDS.length]!(Math.floor(n / KINDS.length))

/** Runs one script. @returns what happened, line by line; `breach` if somebody was recorded who had not agreed, or nobody who had */
function runScript(moves: readonly Move[]): {
  lines: string[]
  breach: string | undefined
  pauses: number
  ownSides: number
  toAsk: number
  agreements: number
} {
  const world = new World()
  let breach: string | undefined
  for (const move of moves) {
    world.carryOut(move)
    breach = world.findBreach()
    if (breach) break
  }
  const { lines, pauses, ownSides, toAsk, agreements } = world
  return { lines, breach, pauses, ownSides, toAsk, agreements }
}

t.test(
  `in ${SCRIPTS} conversations nobody is recorded who has not agreed, and everybody who has`,
  async t => {
    let pauses = 0
    let ownSides = 0
    let toAsk = 0
    let agreements = 0
    const script = fc.array(fc.nat({ max: 0xffff }), { minLength: 8, maxLength: 24, size: 'max' })
    fc.assert(
      fc.property(script, numbers => {
        const ran = runScript(numbers.map(moveOf))
        pauses += ran.pauses
        ownSides += ran.ownSides
        toAsk += ran.toAsk
        agreements += ran.agreements
        if (ran.breach) throw new Error(`${ran.breach}\n${ran.lines.join('\n')}`)
      }),
      { numRuns: SCRIPTS, includeErrorInReport: true },
    )
    t.ok(pauses > SCRIPTS / 5, `recordings were paused ${pauses} times`)
    t.ok(ownSides > SCRIPTS / 6, `only the caller's side was recorded ${ownSides} times`)
    t.ok(toAsk > SCRIPTS / 50, `somebody was found to be asked ${toAsk} times`)
    t.ok(agreements > SCRIPTS / 10, `somebody agreed in a conversation ${agreements} times`)
  },
)
