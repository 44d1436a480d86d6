import { Counter, Histogram, type Registry } from 'prom-client'
import { CALL_STAGES, type CallMeter, REACTIONS } from '../../core/ports.js'

/**
 * Upper bounds of the histogram's buckets, s. On a machine with room, answers take some 20 ms and returns some 10 ms. Callers notice a
 * second.
 */
const BUCKETS = [0.01, 0.02, 0.04, 0.06, 0.1, 0.2, 0.5, 1, 2, 5]
/** Most trunks with counts of their own. A PBX has a few, and each makes some ten rows in the monitoring's database. */
const MAX_TRUNKS = 50
/** The trunk of calls whose channel does not show one. */
const UNKNOWN_TRUNK = 'unknown'
/** The trunk of calls beyond `MAX_TRUNKS`. */
const OTHER_TRUNK = 'other'

/**
 * Creates the metrics that each call reports itself.
 *
 * @returns a function that makes the meter of a call
 */
export function createCallMetrics(registry: Registry): (trunk: string | undefined) => CallMeter {
  const registers = [registry]
  const stages = new Histogram({
    name: 'consentry_call_stage_seconds',
    help: 'How long callers wait, by stage of the call',
    buckets: BUCKETS,
    registers,
    labelNames: ['stage'],
  })
  for (const stage of CALL_STAGES) stages.zero({ stage })
  const reactions = new Counter({
    name: 'consentry_trunk_reactions_total',
    help: 'Callers who were asked, by the trunk and by how they reacted',
    registers,
    labelNames: ['trunk', 'reaction'],
  })
  const trunks = new Set<string>()

  /** The label of a trunk. Its counts begin at 0, because a rate misses the first count of a label that starts later. */
  function labelOf(trunk = UNKNOWN_TRUNK): string {
    if (trunks.has(trunk)) return trunk
    const label = trunks.size < MAX_TRUNKS ? trunk : OTHER_TRUNK
    if (!trunks.has(label)) for (const reaction of REACTIONS) reactions.inc({ trunk: label, reaction }, 0)
    trunks.add(label)
    return label
  }

  return trunk => {
    const label = labelOf(trunk)
    return {
      took: (stage, ms) => stages.observe({ stage }, ms / 1000),
      reacted: reaction => reactions.inc({ trunk: label, reaction }),
    }
  }
}
