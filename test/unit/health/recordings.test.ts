// Real: the activity of a tap and the check of it. Fake: the clock and the audio.
import t from 'tap'
import { recordingTroubles } from '../../../src/health/checks/recordings.js'
import { TapActivity } from '../../../src/recording/tap-activity.js'
import { newCallId, newRecordingId } from '../../../src/shared/ids.js'
import { FakeClock } from '../../support/fake-clock.js'

const sound = Buffer.alloc(32_768, 0xd5).fill(0x11, 100, 200)
const silence = Buffer.alloc(32_768, 0xd5)

function setUp() {
  const clock = new FakeClock()
  const pulse = new TapActivity(clock)
  const ids = { recording: newRecordingId(), call: newCallId() }
  const troubles = () => {
    const silentMs = { caller: pulse.silentMs(0), agent: pulse.silentMs(1) }
    const { stuckMs, heldBytes } = pulse
    return recordingTroubles([{ ...ids, silentMs, stuckMs, heldBytes }], 30_000).map(({ alarm, leg }) =>
      [alarm, ...(leg ? [leg] : [])].join(' '),
    )
  }
  const block = (leg: 0 | 1, bytes: Buffer) => {
    pulse.block(leg, bytes)
    pulse.safe()
  }
  return { clock, pulse, block, troubles }
}

t.test('a leg that is silent for the whole time raises an alarm, a quiet one does not', async t => {
  const { clock, block, troubles } = setUp()
  for (let s = 4; s <= 28; s += 4) {
    clock.pass(4_000)
    block(0, sound)
    block(1, silence)
  }
  t.strictSame(troubles(), [])
  clock.pass(2_000)
  t.strictSame(troubles(), ['leg-silent agent'])
  block(1, sound)
  t.strictSame(troubles(), [])
})

t.test('without any audio both legs raise an alarm, and neither does after a pause', async t => {
  const { clock, pulse, troubles } = setUp()
  clock.pass(30_000)
  t.strictSame(troubles(), ['leg-silent caller', 'leg-silent agent'])
  pulse.restart()
  t.strictSame(troubles(), [])
})

t.test('audio that does not become durable raises an alarm; slow progress does not', async t => {
  const { clock, pulse, troubles } = setUp()
  for (let i = 0; i < 3; i++) pulse.block(0, sound)
  clock.pass(4_000)
  pulse.safe()
  clock.pass(4_000)
  t.strictSame(troubles(), [])
  clock.pass(1_000)
  t.strictSame(troubles(), ['container-stuck'])
  pulse.safe()
  t.strictSame(troubles(), [])
  pulse.safe()
  clock.pass(9_000)
  t.strictSame(troubles(), [], 'nothing waits')
})

t.test('a keeper that holds much audio raises an alarm for as long as it reports that', async t => {
  const { clock, pulse, troubles } = setUp()
  pulse.filling(130_000)
  clock.pass(1_000)
  t.strictSame(troubles(), ['pipe-filling'])
  clock.pass(2_500)
  t.strictSame(troubles(), [])
})
