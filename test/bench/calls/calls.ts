import { type Lab, startLab } from '../../../lab/lab.js'
import { type Benchmark, comparison, figure } from '../support/benchmark.js'
import { mean, median } from '../support/statistics.js'
import { EXTENSIONS } from './menu.js'
import { measureRound, type Round } from './round.js'

/** `quick` ends within two minutes. `calls`: callers of each kind in a round. */
const SIZES = {
  quick: { calls: 40, rounds: 2 },
  full: { calls: 60, rounds: 10 },
}

/**
 * Cost of a whole recorded call (10 s of prompts, a yes, 30 s of talk): processor time of Asterisk, service, keeper and
 * PostgreSQL, compared with Asterisk alone for the same menu in dialplan.
 *
 * Both kinds call at the same time, each on its own PBX, and exchange the PBXs after each round. So other load, and differences
 * between the two processes, affect both kinds.
 */
export const benchmark: Benchmark = async ({ full, tell }) => {
  const { calls, rounds: count } = full ? SIZES.full : SIZES.quick
  const labs: Lab[] = []
  const rounds: Round[] = []
  try {
    for (const name of ['first', 'second'])
      labs.push(await startLab({ extensions: EXTENSIONS, progress: line => tell(`${name} PBX: ${line}`) }))
    const [first, second] = labs as [Lab, Lab]
    for (let round = 0; round < count; round++) {
      const [ours, plain] = round % 2 === 0 ? [first, second] : [second, first]
      rounds.push(await measureRound({ ours, plain, calls, tell }))
      tell(describeRound(rounds.at(-1)!))
    }
  } finally {
    for (const lab of labs) await lab.stop()
  }

  const unit = 'ms a call'
  const perCall = (of: (round: Round) => number, middle = median) => middle(rounds.map(of)) / calls
  const alone = ({ plain }: Round) => plain.asterisk
  const compareWithPlain = (measure: string, of: (round: Round) => number, reach?: number) => {
    const ratio = median(rounds.map(round => of(round) / alone(round)))
    return comparison({ measure, value: perCall(of), unit, baseline: perCall(alone), ratio }, reach)
  }
  return [
    compareWithPlain('Asterisk + service + keeper + PostgreSQL', total, 1.5),
    compareWithPlain('of which Asterisk', ({ ours }) => ours.asterisk),
    figure({ measure: 'of which service', value: perCall(({ ours }) => ours.service, mean), unit }),
    figure({ measure: 'of which keeper', value: perCall(({ ours }) => ours.keeper, mean), unit }),
    figure({ measure: 'of which PostgreSQL', value: perCall(({ ours }) => ours.postgres, mean), unit }),
    figure(
      {
        measure: 'calls not recorded whole',
        value: rounds.reduce((sum, { incomplete }) => sum + incomplete, 0),
        unit: `of ${2 * calls * count}`,
      },
      0,
    ),
  ]
}

const total = ({ ours }: Round) => ours.asterisk + ours.service + ours.keeper + ours.postgres

const describeRound = ({ ours, plain }: Round): string => {
  const { asterisk, service, keeper, postgres } = ours
  return `Asterisk ${asterisk} + service ${service} + keeper ${keeper} + PostgreSQL ${postgres} ms, dialplan ${plain.asterisk} ms`
}
