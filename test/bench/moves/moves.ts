import { openCallLab } from '../../support/lab/call-lab.js'
import { Stages } from '../../support/situations/stages.js'
import { type Benchmark, figure, type Result } from '../support/benchmark.js'
import { median, percentile } from '../support/statistics.js'
import type { Effect, KeyKind } from './effects.js'
import { measureStage } from './measure-stage.js'
import { numberedSpeech } from './numbered-talk.js'

/** Calls of each stage, one after another. `quick` ends within two minutes. */
const CALLS = { quick: 2, full: 12 }
/** Longest time from a key to its effect, ms. */
const REACH_MS = 300

/** What is measured of each stage. */
const MEASURES: Readonly<Record<KeyKind, string>> = {
  paused: '*7 → nothing more is recorded',
  resumed: '*7 again → recording goes on',
  withdrawn: '*9 → nothing more is recorded',
}

/** How soon the keys of a pause and of a withdrawal take effect at every stage of a call, by the packets in the recording. */
export const benchmark: Benchmark = async ({ full, tell }) => {
  const stages = await Stages.open()
  const { extensions, lines } = stages
  const env = { CONSENTRY_INSIDE: 'PJSIP/agent' }
  const lab = await openCallLab({ extensions, lines, env, progress: tell })
  try {
    await stages.addQueue(lab.lab.pbx)
    const speech = await numberedSpeech()
    const calls = full ? CALLS.full : CALLS.quick
    const measured = await Promise.all(
      Object.entries(stages.all).map(async ([name, stage]) => {
        const effects: Effect[] = []
        let without = 0
        for (let turn = 0; turn < calls; turn++) {
          const measured = await measureStage(lab, stage, speech, turn, REACH_MS)
          if (typeof measured === 'string') {
            without += 1
            tell(`${name}: a key had no effect:\n${measured}`)
          } else {
            effects.push(...measured.effects)
            for (const course of measured.slow) tell(`${name}: ${course}`)
          }
          tell(`${name}: ${turn + 1} of ${calls} calls`)
        }
        return { name, effects, without }
      }),
    )
    const all = calls * measured.length
    const without = measured.reduce((sum, one) => sum + one.without, 0)
    return [
      figure(
        { measure: 'calls in which a key of the agent had no effect', value: without, unit: `of ${all}` },
        0,
      ),
      ...measured.flatMap(({ name, effects }) => toResults(name, effects)),
    ]
  } finally {
    stages.close()
    await lab.stop()
  }
}

/** The largest value counts. That recording goes on is judged by the p95: a pause leaves out 0.15 s after it by intent, so nothing is recorded too soon. */
function toResults(stage: string, effects: readonly Effect[]): Result[] {
  return (Object.entries(MEASURES) as [KeyKind, string][]).flatMap(([key, measure]) => {
    const all = effects.filter(one => one.key === key).map(({ ms }) => ms)
    const named = (what: string) => `${stage}: ${measure}, ${what} of ${all.length}`
    const [p95, largest] = key === 'resumed' ? [REACH_MS, null] : [null, REACH_MS]
    if (all.length === 0) return []
    return [
      figure({ measure: named('median'), value: median(all), unit: 'ms' }),
      figure({ measure: named('p95'), value: percentile(all, 0.95), unit: 'ms' }, p95),
      figure({ measure: named('largest'), value: Math.max(...all), unit: 'ms' }, largest),
    ]
  })
}
