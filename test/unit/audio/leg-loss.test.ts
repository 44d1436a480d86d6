// Real: the computation of what a leg lacks. Fake: the samples.
import t from 'tap'
import { LegLoss } from '../../../src/audio/leg-loss.js'
import { TapLosses } from '../../../src/audio/tap-session.js'
import type { Leg } from '../../../src/core/audio.js'

const SECOND = 8_000
const BEGIN = Date.UTC(2026, 0, 31, 9, 30)
const SILENT = 0xd5

/** A leg, whose blocks follow each other at once. */
function setUp() {
  const loss = new LegLoss()
  let sample = 0
  /** Seconds since the beginning. */
  let now = 0
  const block = (...runs: ['silence' | 'sound', number][]) => {
    const bytes = Buffer.concat(
      runs.map(([what, seconds]) => Buffer.alloc(seconds * SECOND, what === 'sound' ? 0x55 : SILENT)),
    )
    now += bytes.length / SECOND
    loss.samples({ leg: 'agent', sample, arrivedAt: BEGIN + now * 1_000, bytes })
    sample += bytes.length
  }
  const packets = (from: number, to: number, came = true) =>
    loss.packets({ from: BEGIN + from * 1_000, to: BEGIN + to * 1_000 }, came)
  const watch = () => loss.watch(BEGIN + now * 1_000)
  return { loss, block, packets, watch }
}

t.test('silence while packets come is missing, from the change to the first sound', t => {
  const { loss, block, packets, watch } = setUp()
  block(['sound', 2])
  watch()
  t.equal(loss.silentMs, 0)
  block(['silence', 4])
  t.equal(loss.silentMs, 4_000)
  packets(2, 6)
  t.equal(loss.take(), 4 * SECOND)
  t.equal(loss.take(), 0, 'it is told once')
  block(['silence', 1], ['sound', 1], ['silence', 10])
  packets(6, 18)
  t.equal(loss.silentMs, 'heard')
  t.equal(loss.take(), SECOND, 'what is silent later is not missing')
  block(['silence', 10])
  packets(18, 28)
  t.equal(loss.take(true), 0)
  t.end()
})

t.test('silence without packets is not missing', t => {
  const { loss, block, packets, watch } = setUp()
  watch()
  block(['silence', 10])
  packets(0, 10, false)
  t.equal(loss.take(true), 0)
  t.end()
})

t.test('packets go on after the last report, until those who are heard have left', t => {
  const one = setUp()
  one.watch()
  one.block(['silence', 4])
  one.packets(0, 4)
  one.block(['silence', 4])
  t.equal(one.loss.take(), 4 * SECOND)
  t.equal(one.loss.take(true), 4 * SECOND, 'up to the end of the recording')
  const other = setUp()
  other.watch()
  other.packets(0, 4)
  other.loss.left(BEGIN + 5_000)
  other.block(['silence', 8])
  t.equal(other.loss.take(true), 5 * SECOND, 'the samples come later than the packets')
  t.end()
})

t.test('a short silence is not missing, nor is one before the watch', t => {
  const { loss, block, packets, watch } = setUp()
  block(['silence', 10])
  watch()
  packets(10, 13)
  block(['silence', 2], ['sound', 1])
  t.equal(loss.take(true), 0)
  t.end()
})

t.test('a sound at the moment of the change is from before', t => {
  const { loss, block, packets, watch } = setUp()
  watch()
  block(['sound', 0.25], ['silence', 4])
  packets(0, 4.25)
  t.equal(loss.silentMs, 4_000)
  t.equal(loss.take(true), 4 * SECOND)
  t.end()
})

t.test('what a pause leaves out is not missing', t => {
  const { loss, watch, packets } = setUp()
  watch()
  packets(0, 20)
  const kept = { leg: 'agent', sample: 0, bytes: Buffer.alloc(5 * SECOND, SILENT) } as const
  loss.samples({ ...kept, arrivedAt: BEGIN + 5_000 })
  loss.samples({ ...kept, sample: 15 * SECOND, arrivedAt: BEGIN + 20_000 })
  t.equal(loss.take(true), 10 * SECOND)
  t.end()
})

t.test('before a restart a leg lacks no more than it was silent', t => {
  const losses = new TapLosses(() => {})
  const bytes = Buffer.alloc(SECOND, SILENT)
  losses.caller.samples({ leg: 'caller', sample: 0, arrivedAt: BEGIN, bytes })
  const lost = { ms: 50, silencedMs: { caller: 2_000, agent: 2_000 } }
  t.equal(losses.around('caller', lost), 1_050 * 8)
  t.equal(losses.around('agent', lost), 50 * 8)
  t.end()
})

t.test('a tap reports each leg', t => {
  const lost: [Leg, number][] = []
  const losses = new TapLosses((leg, samples) => void lost.push([leg, samples]))
  losses.agent.watch(BEGIN)
  losses.agent.packets({ from: BEGIN, to: BEGIN + 4_000 }, true)
  losses.agent.samples({
    leg: 'agent',
    sample: 0,
    arrivedAt: BEGIN + 4_000,
    bytes: Buffer.alloc(4 * SECOND, SILENT),
  })
  losses.note()
  losses.note(true)
  t.strictSame(lost, [['agent', 4 * SECOND]])
  t.end()
})

t.test('the silence at the end is known, over blocks that follow each other', t => {
  const { loss, block } = setUp()
  block(['sound', 2], ['silence', 1])
  block(['silence', 4])
  t.strictSame(loss.quiet, { from: BEGIN + 2_000, to: BEGIN + 7_000 })
  block(['silence', 1], ['sound', 1])
  t.equal(loss.quiet, undefined)
  t.end()
})
