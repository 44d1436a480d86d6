import { startLab } from '../../../lab/lab.js'
import type { Benchmark } from '../support/benchmark.js'
import { readLabPrompts } from '../support/lab-prompts.js'
import { answersOnBusyDisk } from './answers-on-busy-disk.js'
import { DISCLOSURE, EXTENSIONS, readReturnTimes } from './dialplan.js'
import { evaluate } from './evaluate.js'
import { placeCalls } from './place-many.js'

/** Number of calls. `quick` ends within two minutes. */
const SIZES = { quick: 60, full: 400 }
/** Callers at the same time. */
const AT_ONCE = 4
/**
 * How long a caller waits: from the key to the confirmation, from there to the dialplan with a running tap, and from the call's
 * answer to the first sound, compared with `Playback` in dialplan. Then how many answers are committed in time on a busy disk.
 */
export const benchmark: Benchmark = async options => [
  ...(await onIdleDisk(options)),
  ...(await answersOnBusyDisk(options.full, options.tell)),
]

const onIdleDisk: Benchmark = async ({ full, tell }) => {
  const calls = full ? SIZES.full : SIZES.quick
  const lab = await startLab({ progress: tell, extensions: EXTENSIONS })
  try {
    const prompts = await readLabPrompts(lab)
    await lab.pbx.setGlobal(DISCLOSURE, prompts.disclosure.media)
    const placed = await placeCalls(lab, prompts, { atOnce: AT_ONCE, goOn: begun => begun < calls, tell })
    return await evaluate(placed, await readReturnTimes(lab.pbx), prompts)
  } finally {
    await lab.stop()
  }
}
