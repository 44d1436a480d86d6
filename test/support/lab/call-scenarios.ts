import type { Test } from 'tap'
import type { CallerOptions } from '../../../lab/caller.js'
import type { CallFilter } from '../../../src/journal/read/call-rows.js'
import type { CallTimeline } from '../../../src/journal/read/timeline.js'
import { checkCall, checkPrompts, hasHeardAgent, summarizeEvents } from './call-checks.js'
import { type CallLab, expectedFiles, storedFiles } from './call-lab.js'
import { PlacedCall } from './placed-call.js'

/** One call of a test: what is dialled, what the caller does, and what is expected. */
export interface CallScenario {
  title: string
  dial: Omit<CallerOptions, 'sip'>
  /** Finds the call in the journal; by the caller's number by default. */
  by?: CallFilter
  /** What the caller does after the PBX has answered. */
  callerAction?(call: PlacedCall): Promise<unknown>
  /** The expected answer to each purpose. */
  answers: Record<string, string>
  decision: string
  /** The expected events, as `summarizeEvents` returns them. */
  events: string[]
  /** Purposes with a finished recording; none by default. */
  recorded?: string[]
  /** Language of the line; English by default. */
  language?: string
  /** Whether the caller hears the lab's agent; true by default. */
  reachesAgent?: boolean
  /** Further assertions. */
  check?(t: Test, call: CallTimeline, placed: PlacedCall): Promise<void> | void
}

/** Longest time until the PBX answers, ms. */
const ANSWER_LIMIT_MS = 60_000

async function placeCall(lab: CallLab, { dial, by, callerAction, reachesAgent }: CallScenario) {
  const placed = await PlacedCall.place(lab, dial, by)
  await placed.caller.waitForAnswer(ANSWER_LIMIT_MS)
  await callerAction?.(placed)
  if (reachesAgent !== false) await placed.waitForAgent()
  return { placed, call: await placed.finish() }
}

/**
 * Places all calls at once, or so many. Asserts what each scenario expects and what holds for every call, and that nothing is stored
 * except what was granted.
 */
export async function checkScenarios(
  t: Test,
  lab: CallLab,
  scenes: CallScenario[],
  atOnce = scenes.length,
): Promise<void> {
  const outcomes: PromiseSettledResult<Awaited<ReturnType<typeof placeCall>>>[] = []
  while (outcomes.length < scenes.length) {
    const next = scenes.slice(outcomes.length, outcomes.length + atOnce)
    outcomes.push(...(await Promise.allSettled(next.map(scene => placeCall(lab, scene)))))
  }
  const warnings = (await lab.lab.service.log()).split('\n').filter(line => /"level":[456]0/.test(line))
  for (const [i, scene] of scenes.entries()) {
    t.test(scene.title, async t => {
      const outcome = outcomes[i]!
      if (outcome.status === 'rejected') throw outcome.reason
      const { placed, call } = outcome.value
      // Shown with a failure, because the summary leaves out reasons and scores, and words that leave late sound torn.
      const reasons = call.events.flatMap(({ type, reason }) => (reason ? [`${type}: ${reason}`] : []))
      const logged = warnings.filter(line => line.includes(call.id))
      const spoken = call.events.flatMap(({ type, voice }) => (voice ? [{ type, voice }] : []))
      const { late } = placed.caller
      t.strictSame(summarizeEvents(call), scene.events, { reasons, spoken, late, logged })
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
  t.test('only what was granted is stored, and all of it agrees with the journal', async t => {
    const calls = outcomes.flatMap(outcome => (outcome.status === 'fulfilled' ? [outcome.value.call] : []))
    t.strictSame(await storedFiles(lab), expectedFiles(calls))
    const { checked, faults } = await lab.verify()
    t.strictSame(faults, [])
    const prepared = calls.flatMap(({ events }) => events.filter(({ type }) => type === 'recording.prepared'))
    t.equal(checked.recordings, prepared.length, 'nothing else was recorded')
  })
}
