import t from 'tap'
import { uncoveredText } from '../../../src/commands/uncovered-text.js'
import { newRecordingId } from '../../../src/shared/ids.js'

// Nothing is real but the words.

t.test('what no hash covers is named by container; of what runs only how much it is', async t => {
  t.equal(uncoveredText([]), '')
  const recording = newRecordingId()
  const left = { where: 'service/a.ctry', recording, bytes: 700_000, seconds: 44, running: false }
  const said = uncoveredText([left])
  t.match(said, /700000.*44.*service\/a\.ctry/)
  t.match(said, /Not covered by a hash in the journal: the end of 1 container\./)
  const running = { ...left, running: true, seconds: 20 }
  const also = uncoveredText([running, { ...running, recording: newRecordingId() }])
  t.match(also, /^2 recordings have no end in the journal: .* about 40 s/)
  t.notMatch(also, /a\.ctry/)
})
