// Real: the activity of a tap and the check of it. Fake: the clock and the audio.
import t from 'tap'
import { TapActivity } from '../../../../src/audio/tap-activity.js'
import type { Leg } from '../../../../src/core/audio.js'
import { newCallId, newRecordingId } from '../../../../src/core/ids.js'
import { recordingTroubles } from '../../../../src/site/health/checks/health-checks.js'
import { FakeClock } from '../../../support/fakes/fake-clock.js'

const sound = Buffer.alloc(32_768, 0xd5).fill(0x11, 100, 200)
/** How often somebody else stopped the tap. */
let stops = 0
const silence = Buffer.alloc(32_768, 0xd5)

function setUp() {
  const clock = new FakeClock()
  const activity = new TapActivity(clock)
  const ids = { recording: newRecordingId(), call: newCallId() }
  const troubles = (isLate = false) => {
    const silentMs = { caller: activity.silentMs('caller'), agent: activity.silentMs('agent') }
    const { stuckMs, heldBytes } = activity
    return recordingTroubles([{ ...ids, silentMs, stuckMs, heldBytes, stops }], 30_000, isLate).map(
      ({ alarm, leg }) => [alarm, ...(leg ? [leg] : [])].join(' '),
    )
  }
  const block = (leg: Leg, bytes: Buffer) => {
    activity.block(leg, bytes)
    activity.blockWritten()
  }
  return { clock, activity, block, troubles }
}

t.test('a leg that is silent for 30 s raises an alarm until it is heard', async t => {
  const { clock, block, troubles } = setUp()
  for (let s = 4; s <= 28; s += 4) {
    clock.advance(4_000)
    block('caller', sound)
    block('agent', silence)
  }
  t.strictSame(troubles(), [])
  clock.advance(2_000)
  t.strictSame(troubles(), ['leg-silent agent'])
  block('agent', sound)
  t.strictSame(troubles(), [])
})

t.test('both legs raise an alarm if no audio comes, and the time counts again after a pause', async t => {
  const { clock, activity, troubles } = setUp()
  clock.advance(30_000)
  t.strictSame(troubles(), ['leg-silent caller', 'leg-silent agent'])
  activity.restartSilence()
  t.strictSame(troubles(), [])
})

t.test('audio that does not become durable raises an alarm, and slow progress does not', async t => {
  const { clock, activity, troubles } = setUp()
  for (let i = 0; i < 3; i++) activity.block('caller', sound)
  clock.advance(4_000)
  activity.blockWritten()
  clock.advance(4_000)
  t.strictSame(troubles(), [])
  clock.advance(1_000)
  t.strictSame(troubles(), ['container-stuck'])
  t.strictSame(troubles(true), [], 'a process that is late is no fault of a disk')
  activity.blockWritten()
  t.strictSame(troubles(), [])
  activity.blockWritten()
  clock.advance(9_000)
  t.strictSame(troubles(), [], 'no audio waits to become durable')
})

t.test('a keeper that holds much audio raises an alarm for as long as it reports that', async t => {
  const { clock, activity, troubles } = setUp()
  activity.filling(130_000)
  clock.advance(1_000)
  t.strictSame(troubles(), ['pipe-filling'])
  clock.advance(2_500)
  t.strictSame(troubles(), [])
})

t.test('a tap that somebody else stopped raises an alarm as long as its recording runs', async t => {
  const { troubles } = setUp()
  t.strictSame(troubles(), [])
  stops = 2
  t.strictSame(troubles(), ['tap-stopped'])
  stops = 0
})
