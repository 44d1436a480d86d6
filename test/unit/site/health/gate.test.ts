// Real: the gate and the lag meter. Fake: the clock and the values.
import t from 'tap'
import { createGate } from '../../../../src/site/health/admission.js'
import { measureLateness } from '../../../../src/site/health/lateness.js'
import { FakeClock } from '../../../support/fakes/fake-clock.js'

t.test('the gate closes at the limit and opens well below it', async t => {
  let now = 0
  const gate = createGate([
    { reason: 'too-many-recordings', value: () => now, limit: () => 100, reopenAt: 0.95 },
  ])
  const at = (figure: number) => {
    now = figure
    return gate.closed()
  }
  t.equal(at(99), undefined)
  t.equal(at(100), 'too-many-recordings')
  t.equal(at(99), 'too-many-recordings')
  t.equal(at(96), 'too-many-recordings')
  t.equal(at(95), undefined)
  t.equal(at(99), undefined)
})

t.test('a limit of one recording works like any other', async t => {
  let now = 1
  const gate = createGate([
    { reason: 'too-many-recordings', value: () => now, limit: () => 1, reopenAt: 0.95 },
  ])
  t.equal(gate.closed(), 'too-many-recordings')
  now = 0
  t.equal(gate.closed(), undefined)
})

t.test('each limit counts separately', async t => {
  const figures = { files: 0, lag: 0 }
  const gate = createGate([
    { reason: 'overloaded', value: () => figures.lag, limit: () => 500, reopenAt: 0.5 },
    { reason: 'file-limit', value: () => figures.files, limit: () => 960, reopenAt: 0.95 },
  ])
  t.strictSame(gate.reasons(), [])
  figures.files = 960
  figures.lag = 700
  t.strictSame(gate.reasons().sort(), ['file-limit', 'overloaded'])
  figures.lag = 251
  t.strictSame(gate.reasons().sort(), ['file-limit', 'overloaded'])
  figures.lag = 250
  t.strictSame(gate.reasons(), ['file-limit'])
})

t.test(
  'lag is an average, in which one pause fades within a second and lasting slowness does not',
  async t => {
    const clock = new FakeClock()
    const lag = measureLateness(clock)
    t.teardown(() => lag.stop())
    clock.advance(1_000)
    t.equal(lag.lagMs, 0)
    clock.standStill(2_000)
    clock.advance(0)
    t.ok(lag.lagMs > 300, `${lag.lagMs}`)
    clock.advance(1_000)
    t.ok(lag.lagMs < 50, `${lag.lagMs}`)
    for (let i = 0; i < 20; i++) {
      clock.standStill(700)
      clock.advance(0)
    }
    t.ok(lag.lagMs > 500 && lag.lagMs <= 600, `${lag.lagMs}`)
  },
)
