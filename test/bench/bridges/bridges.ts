import { startLab } from '../../../lab/lab.js'
import { type Benchmark, comparison, figure, figureAtLeast } from '../support/benchmark.js'
import { geometricMean, mean } from '../support/statistics.js'
import { setFollowing } from './following.js'
import { EXTENSIONS, playRound, type Round } from './round.js'

/** Recorded calls at once, and how long all are held, ms. `quick` ends within two minutes. */
const SIZES = {
  quick: { calls: 60, holdMs: 10_000, turns: 1 },
  full: { calls: 400, holdMs: 10_000, turns: 2 },
}
/** Most of Asterisk's processor time with the bridges followed, divided by that without. */
const REACH = 1.05
/** Fewest events of a bridge with one caller: it is made, the caller enters, the caller leaves. */
const EVENTS = 3

/**
 * What it costs Asterisk that the service follows who is with whom: processor time for recorded calls, of which each is in a bridge, from
 * before the first call until the last recording is finished. With and without take turns, each first in every second turn. Lost packets are
 * not counted here, so nobody has real-time priority.
 */
export const benchmark: Benchmark = async ({ full, tell }) => {
  const { calls, holdMs, turns } = full ? SIZES.full : SIZES.quick
  const lab = await startLab({ extensions: EXTENSIONS, progress: tell })
  const followed: Round[] = []
  const unfollowed: Round[] = []
  try {
    const play = async (follow: boolean) => {
      await setFollowing(lab.pbx, follow)
      tell(`${calls} callers come in; bridges are ${follow ? '' : 'not '}followed`)
      const round = await playRound(lab, { calls, holdMs })
      tell(`Asterisk ${round.asterisk} ms, service ${round.service} ms, ${round.events} events`)
      for (const course of round.courses) tell(`not recorded: ${course}`)
      ;(follow ? followed : unfollowed).push(round)
    }
    // The first calls load and compile code.
    tell('20 calls to warm up')
    await playRound(lab, { calls: 20, holdMs: 5_000 })
    for (let turn = 0; turn < turns; turn++) {
      await play(turn % 2 === 0)
      await play(turn % 2 !== 0)
    }
  } finally {
    await lab.stop()
  }
  const unit = 'ms a call'
  const perCall = (rounds: readonly Round[], of: (round: Round) => number) => mean(rounds.map(of)) / calls
  const compare = (measure: string, of: (round: Round) => number, reach?: number) => {
    const ratio = geometricMean(followed.map((round, i) => of(round) / of(unfollowed[i]!)))
    const [value, baseline] = [perCall(followed, of), perCall(unfollowed, of)]
    return comparison({ measure, value, unit, baseline, ratio }, reach)
  }
  const all = [...followed, ...unfollowed]
  const events = (rounds: readonly Round[]) => perCall(rounds, one => one.events)
  return [
    compare('Asterisk', ({ asterisk }) => asterisk, REACH),
    compare('service', ({ service }) => service),
    figure({ measure: 'events, not followed', value: events(unfollowed), unit: 'a call' }),
    figureAtLeast(
      { measure: 'events more, followed', value: events(followed) - events(unfollowed), unit: 'a call' },
      EVENTS,
    ),
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
