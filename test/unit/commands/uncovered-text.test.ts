// Real: the text about bytes without a hash. Fake: the containers.
import t from 'tap'
import { uncoveredText } from '../../../src/commands/uncovered-text.js'
import { newRecordingId } from '../../../src/core/ids.js'

t.test(
  'bytes without a hash are named by container, and of running recordings only their length',
  async t => {
    t.equal(uncoveredText([]), '')
    const recording = newRecordingId()
    const left = { where: 'service/a.ctry', recording, bytes: 700_000, seconds: 44, running: false }
    const text = uncoveredText([left])
    t.match(text, /700000.*44.*service\/a\.ctry/)
    t.match(text, /Not covered by a hash in the journal: the end of 1 container\./)
    const running = { ...left, running: true, seconds: 20 }
    const textOfRunning = uncoveredText([running, { ...running, recording: newRecordingId() }])
    t.match(textOfRunning, /^2 recordings have no end in the journal: .* about 40 s/)
    t.notMatch(textOfRunning, /a\.ctry/)
  },
)
