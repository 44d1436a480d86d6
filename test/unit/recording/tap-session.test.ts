// Real: the session of a tap. Fake: the tap, the recording and the clock.
import t from 'tap'
import type { Recording } from '../../../src/recording/recording.js'
import { TapSession } from '../../../src/recording/tap-session.js'
import type { Leg } from '../../../src/shared/audio.js'
import { newCallId } from '../../../src/shared/ids.js'
import type { TapHandle } from '../../../src/tap/tap-handle.js'
import { flushPromises } from '../../support/fakes/fake-call.js'
import { FakeClock } from '../../support/fakes/fake-clock.js'

const BLOCK = 32_768
const BLOCK_MS = 4_096

/** A session with one recording. Its writes end when the test calls `stored`. */
function startSession() {
  const clock = new FakeClock()
  const acknowledged: [Leg, number][] = []
  const waiting: (() => void)[] = []
  const recording = {
    running: true,
    purpose: 'service',
    write: () => new Promise<void>(resolve => waiting.push(resolve)),
    notePaused: async () => {},
    durablyJournalled: async () => {},
  } as unknown as Recording
  const session = new TapSession({ call: newCallId(), recordings: [recording], clock, pbx: undefined })
  const acknowledge = (leg: Leg, sample: number) => void acknowledged.push([leg, sample])
  session.useTap({ codec: 'alaw', acknowledge } as unknown as TapHandle)
  session.handedOver(clock.now())
  const ends = { caller: 0, agent: 0 }
  const block = (leg: Leg) => {
    session.block({ leg, sample: ends[leg], arrivedAt: clock.now(), bytes: Buffer.alloc(BLOCK, 1) })
    ends[leg] += BLOCK
  }
  const stored = async () => {
    for (const resolve of waiting.splice(0)) resolve()
    await flushPromises()
  }
  return { clock, session, block, stored, acknowledged }
}

t.test(
  'a block that is cut whole does not acknowledge the block before it, which is not stored yet',
  async t => {
    const { clock, session, block, stored, acknowledged } = startSession()
    clock.advance(BLOCK_MS)
    block('caller')
    clock.advance(1_000)
    await session.pauses.pause(clock.now() - 900, 'agent')
    clock.advance(60_000)
    block('caller')
    clock.advance(BLOCK_MS)
    block('caller')
    await flushPromises()
    t.strictSame(acknowledged, [], 'the first block is still being written')
    await stored()
    t.strictSame(acknowledged.at(-1), ['caller', 3 * BLOCK])
  },
)
