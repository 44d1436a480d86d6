// Real: the limit of searches. Fake: the clock.
import t from 'tap'
import { SearchLimit } from '../../../src/console/guard.js'
import { FakeClock } from '../../support/fakes/fake-clock.js'

t.test('a network that sends many wrong tokens is searched no more for a minute', async t => {
  const clock = new FakeClock()
  const limit = new SearchLimit(clock)
  limit.note('10.0.0.1', 'right', true)
  for (let i = 0; i < 60; i += 1) {
    t.ok(limit.allows('10.0.0.1', `wrong ${i}`))
    limit.note('10.0.0.1', `wrong ${i}`, false)
  }
  t.notOk(limit.allows('10.0.0.1', 'another'))
  t.ok(limit.allows('10.0.0.1', 'right'), 'what was found before is searched always')
  t.ok(limit.allows('10.0.0.2', 'another'), 'other networks are not held up')
  clock.standStill(60_000)
  t.ok(limit.allows('10.0.0.1', 'another'))
})

t.test('a token that was right once is searched no more without end, once it is none', async t => {
  const limit = new SearchLimit(new FakeClock())
  limit.note('10.0.0.1', 'revoked', true)
  for (let i = 0; i < 60; i += 1) {
    t.ok(limit.allows('10.0.0.1', 'revoked'))
    limit.note('10.0.0.1', 'revoked', false)
  }
  t.notOk(limit.allows('10.0.0.1', 'revoked'))
})

t.test('it keeps a bounded number of networks', async t => {
  const limit = new SearchLimit(new FakeClock())
  for (let i = 0; i < 60; i += 1) limit.note('first', 'wrong', false)
  t.notOk(limit.allows('first', 'another'))
  for (let i = 0; i < 10_000; i += 1) limit.note(`network ${i}`, 'wrong', false)
  t.ok(limit.allows('first', 'another'), 'the oldest is forgotten')
})
