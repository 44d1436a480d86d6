import type { Clock } from '../../core/clock.js'
import type { Load } from '../../core/ports.js'
import { ArrivalRate } from './arrival-rate.js'
import { type Bound, createGate } from './gate.js'
import type { Late, LatenessMeter } from './lateness.js'

/** How long the alarm `overloaded` stands after the last refusal because of the rate, ms. */
const RATE_ALARM_MS = 5_000

const SLOW: Record<Late, string> = {
  process: 'the process of the service gets its turn',
  pbx: 'the PBX answers an order',
  commit: 'the database commits an answer',
  storage: 'store, key store and pipes of a recording are ready',
  prompts: 'the files of a prompt are checked',
}

interface AdmissionDeps {
  clock: Pick<Clock, 'elapsed'>
  lateness: Pick<LatenessMeter, 'worst'>
  /** Lateness at which new callers are not asked, ms. */
  maxLagMs: number
  /** The first rate, new callers per second, until the machine's capacity is known. */
  firstRate: number
  /** Further limits. */
  bounds: readonly Bound[]
}

/**
 * Decides from the machine's present load whether the next caller is asked. Lateness closes the gate, which opens again
 * at half of the limit. The rate of callers is limited by the load that the machine has already carried, see
 * `ArrivalRate`.
 */
export function createAdmission({ clock, lateness, maxLagMs, firstRate, bounds }: AdmissionDeps) {
  const rate = new ArrivalRate(clock, firstRate)
  /** The slow work at the moment when the gate closed for lateness. */
  let slow = ''
  const gate = createGate([
    { reason: 'overloaded', value: () => lateness.worst.ms, limit: () => maxLagMs, reopenAt: 0.5 },
    ...bounds,
  ])
  function reasons(): Load[] {
    const found = gate.reasons()
    if (!found.includes('overloaded')) slow = ''
    else {
      const { what, ms } = lateness.worst
      slow ||= `${SLOW[what]} after ${Math.round(ms)} ms`
      rate.late()
    }
    return found
  }
  const wouldRefuse = (): Load | undefined => reasons()[0] ?? (rate.exceeded ? 'overloaded' : undefined)
  return {
    /** Returns why the next caller would not be asked; undefined if the caller would. */
    wouldRefuse,
    /** Returns why an arrived caller is not asked, and counts the refusal; undefined if the caller is asked. */
    closed(): Load | undefined {
      const why = wouldRefuse()
      if (why === 'overloaded') rate.refused()
      return why
    },
    /** Counts a caller who is asked. */
    asked: () => rate.asked(),
    /** Returns the loads to report, with a message about the slow work or the rate. */
    loads(): { load: Load; why?: string }[] {
      const found = reasons().map(load => ({ load, ...(load === 'overloaded' && { why: slow }) }))
      if (found.some(({ load }) => load === 'overloaded') || !rate.refusedWithin(RATE_ALARM_MS)) return found
      return [
        ...found,
        { load: 'overloaded', why: `at most ${rate.perSecond.toFixed(1)} a second are asked` },
      ]
    },
  }
}
