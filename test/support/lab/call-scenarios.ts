import type { Test } from 'tap'
import type { CallerOptions } from '../../../lab/caller.js'
import type { CallFilter } from '../../../src/journal/read/call-rows.js'
import type { CallTimeline } from '../../../src/journal/read/timeline.js'
import { checkCall, checkPrompts, hasHeardAgent, summarizeEvents } from './call-checks.js'
import { type CallLab, expectedFiles, storedFiles } from './call-lab.js'
import { PlacedCall } from './placed-call.js'

/** One call of a test: what is dialled, what the caller does, what must come of it. */
export interface CallScenario {
  title: string
  dial: Omit<CallerOptions, 'sip'>
  /** How the journal knows the call; by the caller's number if not given. */
  by?: CallFilter
  /** What the caller does from the answer on. */
  callerAction?(call: PlacedCall): Promise<unknown>
  /** Purposes and answers, in the order in which they are asked. */
  answers: Record<string, string>
  decision: string
  /** Events and what matters of them, in the journal's order; see `story`. */
  events: string[]
  /** Purposes for which the talk is recorded. */
  recorded?: string[]
  /** Language of the line; English if not given. */
  language?: string
  /** Whether the caller comes through to the agent of the lab and hears him; if not given, yes. */
  reachesAgent?: boolean
  /** What else is to be seen of it. */
  check?(t: Test, call: CallTimeline, placed: PlacedCall): Promise<void> | void
}

/** How long an answer of the PBX may take, ms. */
const ANSWER_LIMIT_MS = 60_000

async function placeCall(lab: CallLab, { dial, by, callerAction, reachesAgent }: CallScenario) {
  const placed = await PlacedCall.place(lab, dial, by)
  await placed.caller.waitForAnswer(ANSWER_LIMIT_MS)
  await callerAction?.(placed)
  if (reachesAgent !== false) await placed.waitForAgent()
  return { placed, call: await placed.finish() }
}

/**
 * Places the calls of all scenes at once, then asserts of each what its scene says and what holds for every call, and
 * of all of them that nothing is kept but what was granted.
 */
export async function checkScenarios(t: Test, lab: CallLab, scenes: CallScenario[]): Promise<void> {
  const outcomes = await Promise.allSettled(scenes.map(scene => placeCall(lab, scene)))
  for (const [i, scene] of scenes.entries()) {
    t.test(scene.title, async t => {
      const outcome = outcomes[i]!
      if (outcome.status === 'rejected') throw outcome.reason
      const { placed, call } = outcome.value
      t.strictSame(summarizeEvents(call), scene.events)
      t.strictSame(Object.fromEntries(call.purposes.map(p => [p.purpose, p.answer])), scene.answers)
      t.equal(call.decision, scene.decision, 'the decision')
      t.strictSame(
        call.recordings.map(({ purpose, state, files }) => [purpose, state, files.length]),
        (scene.recorded ?? []).map(purpose => [purpose, 'finished', 1]),
      )
      checkCall(t, call)
      checkPrompts(t, placed, call, scene.language ?? 'en')
      t.equal(hasHeardAgent(lab, placed), scene.reachesAgent !== false, 'whether the caller hears the agent')
      await scene.check?.(t, call, placed)
    })
  }
  t.test('nothing is kept but what was granted, and all of it is as the journal says', async t => {
    const calls = outcomes.flatMap(outcome => (outcome.status === 'fulfilled' ? [outcome.value.call] : []))
    t.strictSame(await storedFiles(lab), expectedFiles(calls))
    const { checked, faults } = await lab.verify()
    t.strictSame(faults, [])
    const prepared = calls.flatMap(({ events }) => events.filter(({ type }) => type === 'recording.prepared'))
    t.equal(checked.recordings, prepared.length, 'nothing else was recorded')
  })
}
