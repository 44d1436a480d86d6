// Real: the plan, which is pure. Fake: none.
import t from 'tap'
import { newRecordingId } from '../../../../src/core/ids.js'
import { type DueRecording, decideAboutDue } from '../../../../src/recordings/retain/run-purge.js'

const due = (revoked: DueRecording['revoked'], kept = false): DueRecording => ({
  recording: newRecordingId(),
  revoked,
  kept,
})

t.test('due recordings are grouped by cause, in their order', async t => {
  const [a, b, erased, withdrawn, c] = [
    due(null),
    due(null),
    due('erasure'),
    due('withdrawal'),
    due(null),
  ] as const
  const { destroy, held } = decideAboutDue([a, b, erased, withdrawn, c])
  t.strictSame(
    [...destroy],
    [
      ['term', [a.recording, b.recording, c.recording]],
      ['erasure', [erased.recording]],
      ['withdrawal', [withdrawn.recording]],
    ],
  )
  t.strictSame(held, [])
})

t.test('a hold prevents purge and erasure, but not withdrawal', async t => {
  const [term, erased, withdrawn] = [due(null, true), due('erasure', true), due('withdrawal', true)] as const
  const { destroy, held } = decideAboutDue([term, erased, withdrawn])
  t.strictSame(held, [term.recording, erased.recording])
  t.strictSame([...destroy], [['withdrawal', [withdrawn.recording]]])
})

t.test('the plan is empty if no recording is due', async t => {
  const { destroy, held } = decideAboutDue([])
  t.equal(destroy.size, 0)
  t.equal(held.length, 0)
})
