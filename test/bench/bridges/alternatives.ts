import { startLab } from '../../../lab/lab.js'
import { type Benchmark, comparison, figure, figureAtLeast } from '../support/benchmark.js'
import { geometricMean, mean } from '../support/statistics.js'
import { setFollowing } from './following.js'
import { enableAmi, type Reader, readAri } from './readers.js'
import { EXTENSIONS, playRound, type Round } from './round.js'

/** Recorded calls at once, and how long all are held, ms. `quick` ends within three minutes, `full` within half an hour. */
const SIZES = {
  quick: { calls: 40, holdMs: 5_000, turns: 1 },
  full: { calls: 400, holdMs: 10_000, turns: 3 },
}
/** Fewest events of a call: the caller enters a bridge and leaves it, and the bridge ends. */
const EVENTS = 3

/** A round. Events and bytes are those of the reader, not of the service. */
type Heard = Omit<Round, 'events'> & Pick<Reader, 'events' | 'bytes'>

/**
 * What each way to learn who is on the line costs Asterisk: that of the service, a subscription to all bridges, and two others. The alternatives
 * exist only here, as readers that count. So the service's own way is read in the same manner, and the service follows no bridges meanwhile. All
 * ways take turns, every second turn in the opposite order.
 */
export const benchmark: Benchmark = async ({ full, tell }) => {
  const { calls, holdMs, turns } = full ? SIZES.full : SIZES.quick
  const lab = await startLab({ extensions: EXTENSIONS, progress: tell })
  const { pbx } = lab
  const without: Round[] = []
  const ways: { name: string; heard: Heard[]; open(): Promise<Reader> }[] = []
  try {
    const readAmi = await enableAmi(pbx)
    ways.push(
      { name: 'all bridges', heard: [], open: () => readAri(pbx, false) },
      { name: 'subscribeAll', heard: [], open: () => readAri(pbx, true) },
      { name: 'AMI, filtered', heard: [], open: () => readAmi(true) },
      { name: 'AMI, class call', heard: [], open: () => readAmi(false) },
    )
    await setFollowing(pbx, false)
    const play = async (reading: string) => {
      tell(`${calls} callers come in; ${reading}`)
      const round = await playRound(lab, { calls, holdMs })
      tell(`Asterisk ${round.asterisk} ms`)
      for (const course of round.courses) tell(`not recorded: ${course}`)
      return round
    }
    // The first calls load and compile code.
    tell('20 calls to warm up')
    await playRound(lab, { calls: 20, holdMs: 5_000 })
    for (let turn = 0; turn < turns; turn++) {
      const forwards = turn % 2 === 0
      if (forwards) without.push(await play('nobody reads'))
      for (const { name, heard, open } of forwards ? ways : ways.toReversed()) {
        const reader = await open()
        try {
          const round = await play(`read by: ${name}`)
          const { events, bytes } = reader
          tell(`${events} events, ${bytes} bytes`)
          heard.push({ ...round, events, bytes })
        } finally {
          await reader.stop()
        }
      }
      if (!forwards) without.push(await play('nobody reads'))
    }
  } finally {
    await lab.stop()
  }
  const perCall = <T>(rounds: readonly T[], of: (round: T) => number) => mean(rounds.map(of)) / calls
  const asterisk = (round: { asterisk: number }) => round.asterisk
  const all = [...without, ...ways.flatMap(({ heard }) => heard)]
  return [
    ...ways.flatMap(({ name, heard }) => [
      comparison({
        measure: `Asterisk, ${name}`,
        value: perCall(heard, asterisk),
        unit: 'ms a call',
        baseline: perCall(without, asterisk),
        ratio: geometricMean(heard.map((round, i) => round.asterisk / without[i]!.asterisk)),
      }),
      figureAtLeast(
        { measure: `events, ${name}`, value: perCall(heard, ({ events }) => events), unit: 'a call' },
        EVENTS,
      ),
      figure({ measure: `read, ${name}`, value: perCall(heard, ({ bytes }) => bytes), unit: 'bytes a call' }),
    ]),
    figure(
      {
        measure: 'calls not recorded',
        value: all.reduce((sum, { unrecorded }) => sum + unrecorded, 0),
        unit: `of ${all.length * calls}`,
      },
      0,
    ),
  ]
}
