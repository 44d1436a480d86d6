// Real: the lane. Fake: the jobs, which end when the test ends them.
import t from 'tap'
import { Lane } from '../../../src/lib/lane.js'

/** A job that ends when the test ends it. */
function job() {
  let end: (outcome: 'well' | 'badly') => void = () => {}
  const ended = new Promise<string>((resolve, reject) => {
    end = outcome => (outcome === 'well' ? resolve(outcome) : reject(new Error(outcome)))
  })
  return { begun: false, end: (outcome: 'well' | 'badly' = 'well') => end(outcome), ended }
}

const turn = () => new Promise<void>(resolve => setImmediate(resolve))

t.test('a lane runs `width` jobs at once, the others in order, even after failures', async t => {
  const lane = new Lane(2)
  const jobs = Array.from({ length: 5 }, job)
  const all = jobs.map(one =>
    lane.run(() => {
      one.begun = true
      return one.ended
    }),
  )
  const outcomes = Promise.allSettled(all)
  const begun = () => jobs.filter(one => one.begun).length
  await turn()
  t.equal(begun(), 2)
  jobs[1]!.end('badly')
  await turn()
  t.strictSame(
    jobs.map(one => one.begun),
    [true, true, true, false, false],
  )
  for (const one of jobs) one.end()
  const statuses = (await outcomes).map(({ status }) => status)
  t.strictSame(statuses, ['fulfilled', 'rejected', 'fulfilled', 'fulfilled', 'fulfilled'])
  await lane.run(turn)
  t.equal(begun(), 5)
})
