// Real: the check. Fake: the clock.
import t from 'tap'
import { event } from '../../../../src/core/events.js'
import { newCallId, newRecordingId } from '../../../../src/core/ids.js'
import { ShortRecordings } from '../../../../src/site/health/checks/short-recordings.js'
import { exactly } from '../../../support/assertions/exactly.js'
import { FakeClock } from '../../../support/fakes/fake-clock.js'

t.test(
  'a recording that is empty or short raises an alarm for ten minutes, unless its reason explains it',
  async t => {
    const clock = new FakeClock()
    const short = new ShortRecordings(clock)
    const recording = newRecordingId()
    const ended = (reason: string) => {
      const missing = { missingMs: 9_000, reason }
      short.observe(event('recording.empty', newCallId(), clock.now(), { recording, missing }))
    }
    for (const reason of ['hung-up', 'party', 'hold', 'agent', 'api']) ended(reason)
    const whole = { recording, state: 'finished', seconds: 9 } as const
    short.observe(event('recording.finished', newCallId(), clock.now(), whole))
    t.strictSame(short.troubles(), [])
    ended('line')
    clock.advance(300_000)
    const missing = { missingMs: 9_000, reason: 'nothing-came' }
    short.observe(event('recording.finished', newCallId(), clock.now(), { ...whole, missing }))
    t.match(
      short.troubles(),
      exactly(
        { alarm: 'recording-short', check: 'line' },
        { alarm: 'recording-short', check: 'nothing-came' },
      ),
    )
    clock.advance(300_001)
    t.match(short.troubles(), exactly({ check: 'nothing-came' }))
    clock.advance(300_000)
    t.strictSame(short.troubles(), [])
  },
)
