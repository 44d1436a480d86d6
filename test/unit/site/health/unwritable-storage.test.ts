// Real: the state of the storage and the probes' timers. Fake: the attempts to write, the clock of whoever waits.
import t from 'tap'
import { Probes } from '../../../../src/site/health/checks/health-checks.js'
import { UnwritableStorage } from '../../../../src/site/health/unwritable-storage.js'
import { matchEach } from '../../../support/assertions/match-each.js'
import { FakeClock } from '../../../support/fakes/fake-clock.js'

t.test('a line is not asked if none of its purposes has a writable store and key store', async t => {
  const away = new UnwritableStorage()
  const both = ['service', 'marketing']
  t.equal(away.reason(both), undefined)
  away.noteAttempt('store-unwritable', 'service', false)
  t.equal(away.reason(both), undefined, 'one of two can be recorded')
  t.equal(away.reason(['service']), 'store-unwritable')
  away.noteAttempt('keys-unwritable', 'marketing', false)
  t.equal(away.reason(both), 'store-unwritable')
  away.noteAttempt('store-unwritable', 'service', true)
  t.equal(away.reason(both), undefined)
  t.equal(away.reason(['marketing']), 'keys-unwritable')
  t.equal(away.reason([]), undefined, 'a line without purposes needs no storage')
})

t.test('a recovered caller waits for the first attempts, and for a second at most', async t => {
  const [clock, storage] = [new FakeClock(), new UnwritableStorage()]
  const answers: unknown[] = []
  const ask = () => void storage.reasonOnceTried(['service'], clock).then(reason => answers.push(reason))
  ask()
  await clock.advanceAndWait(999)
  t.strictSame(answers, [])
  await clock.advanceAndWait(1)
  t.strictSame(answers, [undefined], 'a disk that hangs is not waited for')
  ask()
  storage.noteAttempt('keys-unwritable', 'service', false)
  await clock.advanceAndWait(0)
  t.equal(answers.length, 1, 'the store was not tried yet')
  storage.noteAllTried()
  await clock.advanceAndWait(0)
  t.strictSame(answers, [undefined, 'keys-unwritable'])
  t.equal(clock.timers, 0)
})

t.test('hung storage counts as unwritable until it answers', async t => {
  const results: boolean[] = []
  let answer = () => {}
  const attempt = () =>
    new Promise<void>(resolve => {
      answer = resolve
    })
  const probes = new Probes(
    [{ alarm: 'keys-unwritable', attempt, onResult: works => void results.push(works) }],
    { silentMs: 500 },
  )
  // Only this timer keeps the process alive until the probe is given up.
  const alive = setInterval(() => {}, 1_000)
  t.teardown(() => clearInterval(alive))
  matchEach(t, await probes.troubles(), [{ detail: /no answer/ }])
  matchEach(t, await probes.troubles(), [{ detail: /no answer/ }])
  answer()
  await Promise.resolve()
  const next = probes.troubles()
  answer()
  t.strictSame(await next, [])
  t.strictSame(results, [false, false, true])
})
