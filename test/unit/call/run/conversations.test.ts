// Real: the calls with all that is around them, what is left out of a recording, the recovery after a restart. Fake: the PBX with its people, the
// journal, the keeper, the stores, the prompts and the clock. What must be recorded, and what must not, is judged apart from them, by who was heard in
// which second and who had agreed to what.
// Alone: it takes long, and the files after it would wait.
// Long: ten times as many conversations.
import fc from 'fast-check'
import t from 'tap'
import { MOST_MOVES, scriptOf } from '../../../support/fuzz/conversation-moves.js'
import { World } from '../../../support/fuzz/model-conversations.js'
import { fuzzRuns, isLong } from '../../../support/fuzz/seeded.js'

const runs = fuzzRuns(1_000, 10_000)
const scripts = fc.array(fc.nat({ max: MOST_MOVES }), { minLength: 3, maxLength: 8, size: 'max' })

/** A participant whom one caller reached first is asked for another caller, and from then on counts for both by the answer. */
const ASKED_FOR_ANOTHER = [674_892, 318_128, 51_846, 245_100, 213_921, 0, 0, 0]

/** What has to come about, so that the scripts say something: at least once in so many of them. */
const ONCE_IN = {
  // Seconds of one side that had to be recorded, and that had not to be, by why.
  ...{ 'wanted caller': 1, 'wanted agent': 1, line: 4, party: 3, hold: 2, agent: 100, withdrawn: 400 },
  // What left something out.
  ...{ 'paused: party': 15, 'paused: own-side': 50, 'paused: line': 30, 'paused: hold': 15 },
  // What happened.
  ...{ asked: 30, early: 15, restarts: 20, lost: 20, consulted: 60, notices: 20 },
  ...{ 'agreed for another': 50, 'agreed aside': 1_000, 'agreed again': 20 },
  // Where nothing says who is of the company.
  ...{ 'nothing says who is who': 4, 'reached first': 15, 'came later': 30 },
}

t.test(
  `in ${runs.numRuns} conversations no second is recorded of whoever has not agreed, and each of those who have`,
  async t => {
    t.setTimeout(600_000)
    const counts = new Map<string, number>()
    const count = (what: string, n: number) => counts.set(what, (counts.get(what) ?? 0) + n)
    await fc.assert(
      fc.asyncProperty(scripts, async numbers => {
        const script = scriptOf(numbers)
        const world = new World(script)
        const breach = await world.play()
        count('nothing says who is who', script.isNamed ? 0 : 1)
        for (const [what, n] of world.counts) count(what, n)
        if (!breach) return
        // Again, and line by line.
        const told = new World(script, true)
        await told.play()
        throw new Error([breach, ...told.lines].join('\n'))
      }),
      { ...runs, examples: [[ASKED_FOR_ANOTHER]], includeErrorInReport: true },
    )
    for (const [what, scripts] of Object.entries(ONCE_IN)) {
      // What is rare comes about only in the long form for certain.
      if (!isLong && scripts > runs.numRuns / 10) continue
      const found = counts.get(what) ?? 0
      t.ok(found > runs.numRuns / scripts, `${what}: ${found} times`)
    }
  },
)
