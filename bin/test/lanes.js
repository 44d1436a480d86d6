import { availableParallelism, loadavg } from 'node:os'
import { setTimeout as pause } from 'node:timers/promises'

const starts =
  (...folders) =>
  path =>
    folders.includes(path.split('/')[0])
const cores = Math.max(2, availableParallelism())

/** What must hear every packet, or keep time to a packet's length, has the machine to itself. */
const isMeasured = path => ['call/lab-pbx.test.js', 'call/legs.test.js'].includes(path)
/** Asserts how soon an answer comes. At a low priority it would come late. */
const isTimed = path => path === 'service/http/crowded.test.js'
const isLive = path => (starts('call', 'fault', 'browser')(path) || isTimed(path)) && !isMeasured(path)
const isOther = path => starts('unit', 'service')(path) && !isTimed(path)

/**
 * Files that run side by side, in rounds one after the other: how many of a kind at once, and how far they stand back.
 * Live calls mostly wait, in real time, so several share a processor; what is left of it goes to the rest, which works
 * without pause and gives way to them.
 */
export const rounds = [
  [{ wanted: isMeasured, jobs: 1, niceness: 0 }],
  [
    { wanted: isOther, jobs: cores, niceness: 10 },
    { wanted: isLive, jobs: Math.ceil(1.5 * cores), niceness: 0 },
  ],
]

/** Load of each processor (`loadavg`) above which no further file of a lane starts. */
const MOST_LOAD = 5
/** Time between two looks at the load, ms. */
const LOOK_MS = 1_000

const isBusy = () => loadavg()[0] > MOST_LOAD * cores

/**
 * Takes the files of a lane in their order, `jobs` at once. While the machine is busy with something else, only one runs at a time:
 * it would take as long in any case, and less is late.
 */
export async function runLane(files, jobs, run, busy = isBusy) {
  const waiting = [...files]
  let running = 0
  const work = async () => {
    while (waiting.length > 0) {
      if (running > 0 && busy()) {
        await pause(LOOK_MS)
        continue
      }
      running++
      await run(waiting.shift())
      running--
    }
  }
  await Promise.all(Array.from({ length: jobs }, work))
}
