// Real: the parts' list. Fake: the clock, the parts.
import t from 'tap'
import { Parts } from '../../../../src/lib/process/parts.js'
import { FakeClock, runPendingWork } from '../../../support/fakes/fake-clock.js'
import { silent } from '../../../support/processes/database.js'

function setUp() {
  const clock = new FakeClock(0)
  const ended: string[] = []
  const parts = new Parts(silent, clock)
  const part = (name: string) => ({ stop: async () => void ended.push(name) })
  return { clock, ended, parts, part }
}

t.test('parts end one by one, the last one first', async t => {
  const { ended, parts, part, clock } = setUp()
  t.equal(
    parts.add('number', 7, () => ended.push('number')),
    7,
    'a part comes back as it was',
  )
  parts.add('journal', part('journal'))
  let release = () => {}
  const held = new Promise<void>(resolve => {
    release = resolve
  })
  parts.add('door', part('door'), async door => {
    await held
    await door.stop()
  })
  const whole = parts.end()
  await runPendingWork()
  t.strictSame(ended, [], 'nothing ends before the part that was added after it')
  release()
  t.equal(await whole, true)
  t.strictSame(ended, ['door', 'journal', 'number'])
  t.equal(clock.timers, 0)
})

t.test('a part that hangs or fails does not keep the others from ending', async t => {
  const { ended, parts, part, clock } = setUp()
  parts.add('journal', part('journal'))
  parts.add('failing', { stop: () => Promise.reject(new Error('broken')) })
  parts.add('throwing', {
    stop() {
      throw new Error('broken')
    },
  })
  parts.add('hanging', { stop: () => new Promise(() => {}) })
  const whole = parts.end()
  await clock.advanceAndWait(7_999)
  t.strictSame(ended, [])
  await clock.advanceAndWait(1)
  t.equal(await whole, false)
  t.strictSame(ended, ['journal'])
})

t.test('parts end once', async t => {
  const { ended, parts, part } = setUp()
  parts.add('journal', part('journal'))
  await parts.end()
  t.equal(await parts.end(), true)
  t.strictSame(ended, ['journal'])
})
