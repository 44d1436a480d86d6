import { availableParallelism } from 'node:os'

const starts =
  (...folders) =>
  path =>
    folders.includes(path.split('/')[0])
const cores = Math.max(2, availableParallelism())

/** What must hear every packet, or keep time to a packet's length, has the machine to itself. */
const isMeasured = path => ['call/lab-pbx.test.js', 'call/legs.test.js'].includes(path)
/** Asserts how soon an answer comes. At a low priority it would come late. */
const isTimed = path => path === 'service/console/crowded.test.js'
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

/** Takes the files of a lane in their order, `jobs` at once. */
export async function runLane(files, jobs, run) {
  const waiting = [...files]
  const work = async () => {
    for (let file = waiting.shift(); file; file = waiting.shift()) await run(file)
  }
  await Promise.all(Array.from({ length: jobs }, work))
}
