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
const isUnit = starts('unit')
const isService = path => starts('service')(path) && !isTimed(path)

/** How files of a lane run: how many at once, and how far they stand back (`nice`). */
const ALONE = { jobs: 1, niceness: 0 }
/** Live calls mostly wait, in real time, so they share processors. With more of them a slow machine would answer later than they allow. */
const LIVE = { jobs: cores + 1, niceness: 0 }
/**
 * What is left of the processors goes to the rest, which works without pause and gives way to live calls: at this niceness it gets a third
 * of their share. At 10 it would get a tenth, and beside other programs too little to reach a database within the program's own limits.
 */
const PATIENT = { jobs: cores, niceness: 5 }

/** Live calls more that run when the rest is over first. */
const SPARE = { jobs: 1, niceness: LIVE.niceness }

/**
 * Runs all test files, so that the processors always have work, and live calls never wait for other tests.
 *
 * 1. `unit` needs no tools, so it runs while they are prepared.
 * 2. What is measured runs alone.
 * 3. Live calls and the rest run side by side. When all live calls are over, their places go to the rest, which need not stand back
 *    any more. Nor need it while the machine is busy with something else, to which it would stand back too. When the rest is over first,
 *    one more live call runs.
 *
 * @param {string[]} tests paths below the folder of tests
 * @param {Promise<unknown>} prepared resolves when the tools are there
 * @param {(paths: string[], niceness: number) => Promise<void>} run runs one file, or several in one process
 * @param {{busy?: () => boolean, onLiveOver?: () => void, group?: (paths: string[]) => string[][]}} more `busy`: whether the machine is busy
 *   with something else; `onLiveOver`: is called when all live calls are over; `group`: says which files of `unit`, or of `service`, share a process
 */
export async function runInLanes(
  tests,
  prepared,
  run,
  { busy = isBusy, onLiveOver = () => {}, group = alone } = {},
) {
  const units = group(tests.filter(isUnit))
  let isLiveOver = false
  const lane = (files, { jobs, niceness }, until) =>
    runLane(files, jobs, paths => run(paths, isLiveOver || busy() ? LIVE.niceness : niceness), {
      busy,
      until,
    })
  let isPrepared = false
  const preparing = prepared.finally(() => {
    isPrepared = true
  })
  // A failure is thrown below, when no test runs.
  preparing.catch(() => {})
  await lane(units, PATIENT, () => isPrepared)
  await preparing
  await lane(alone(tests.filter(isMeasured)), ALONE)
  const live = alone(tests.filter(isLive))
  const rest = [...group(tests.filter(isService)), ...units]
  await Promise.all([
    lane(rest, PATIENT).then(() => lane(live, SPARE)),
    lane(live, LIVE).then(() => {
      isLiveOver = true
      onLiveOver()
      return lane(rest, LIVE)
    }),
  ])
}

/** Each file has a process of its own. */
const alone = paths => paths.map(path => [path])

/** Load of each processor (`loadavg`) above which no further file of a lane starts. */
const MOST_LOAD = 5
/** Time between two checks of the load, ms. */
const LOOK_MS = 1_000

const isBusy = () => loadavg()[0] > MOST_LOAD * cores

/**
 * Takes the files of a lane in their order, `jobs` at once, and removes them from `files`. While the machine is busy with something
 * else, only one runs at a time: it would take as long in any case, and less is late.
 *
 * @template File
 * @param {File[]} files what another lane takes meanwhile is not run twice
 * @param {number} jobs
 * @param {(file: File) => Promise<void>} run
 * @param {{busy?: () => boolean, until?: () => boolean}} limits `until`: from then on no further file starts
 */
export async function runLane(files, jobs, run, { busy = isBusy, until = () => false } = {}) {
  let running = 0
  const work = async () => {
    while (files.length > 0 && !until()) {
      if (running > 0 && busy()) {
        await pause(LOOK_MS)
        continue
      }
      running++
      await run(files.shift())
      running--
    }
  }
  await Promise.all(Array.from({ length: jobs }, work))
}
