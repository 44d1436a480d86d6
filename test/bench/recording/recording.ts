import { type Lab, startLab } from '../../../lab/lab.js'
import { type Benchmark, comparison, figure } from '../support/benchmark.js'
import { geometricMean, mean, median } from '../support/statistics.js'
import { measureRound, PLAIN_EXTENSIONS, type Round, WINDOW_MS, type Window } from './round.js'
import { warmUp } from './warm-up.js'

/** `quick` ends within six minutes. `calls`: callers of each kind. */
const SIZES = {
  quick: { calls: 40, windows: 6 },
  full: { calls: 60, windows: 20 },
}

/**
 * Cost of recording: processor time of Asterisk, service and keeper for calls that Consentry records, compared with Asterisk
 * alone for the same calls recorded by itself.
 *
 * Both kinds talk at the same time, each on its own PBX, so that other load affects both. Half-way they exchange the PBXs. Both
 * services are warmed up before.
 */
export const benchmark: Benchmark = async ({ full, tell }) => {
  const { calls, windows } = full ? SIZES.full : SIZES.quick
  const labs: Lab[] = []
  const rounds: Round[] = []
  try {
    for (const name of ['first', 'second'])
      labs.push(
        await startLab({ extensions: PLAIN_EXTENSIONS, progress: line => tell(`${name} PBX: ${line}`) }),
      )
    const [first, second] = labs as [Lab, Lab]
    await warmUp([first, second], tell)
    rounds.push(await measureRound({ ours: first, plain: second, calls, windows, tell }))
    rounds.push(await measureRound({ ours: second, plain: first, calls, windows, tell }))
  } finally {
    for (const lab of labs) await lab.stop()
  }

  const all = rounds.flatMap(round => round.windows)
  const unit = 'ms/s a call'
  const perCall = (of: (window: Window) => number, middle = median) =>
    (1_000 * middle(all.map(of))) / (calls * WINDOW_MS)
  const total = ({ ours }: Window) => ours.asterisk + ours.service + ours.keeper
  const alone = ({ plain }: Window) => plain.asterisk
  const compareWithPlain = (measure: string, of: (window: Window) => number, reach?: number) => {
    // The PBXs differ by some percent. Their exchange turns that round, so it cancels out in the geometric mean.
    const ratio = geometricMean(
      rounds.map(({ windows }) => median(windows.map(window => of(window) / alone(window)))),
    )
    return comparison({ measure, value: perCall(of), unit, baseline: perCall(alone), ratio }, reach)
  }
  const spoilt = rounds.reduce((sum, round) => sum + round.incomplete, 0)
  return [
    compareWithPlain('Asterisk + service + keeper', total, 1.04),
    compareWithPlain('of which Asterisk', ({ ours }) => ours.asterisk),
    figure({ measure: 'of which service', value: perCall(({ ours }) => ours.service, mean), unit }),
    figure({ measure: 'of which keeper', value: perCall(({ ours }) => ours.keeper, mean), unit }),
    figure({ measure: 'PostgreSQL beside them', value: perCall(({ ours }) => ours.postgres, mean), unit }),
    figure({ measure: 'calls not recorded whole', value: spoilt, unit: `of ${4 * calls}` }, 0),
  ]
}
