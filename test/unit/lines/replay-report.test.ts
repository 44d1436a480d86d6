// Real: everything. Nothing is fake.
import t from 'tap'
import type { Decision } from '../../../src/core/events.js'
import { compareOutcomes, type ReplayedCall } from '../../../src/lines/replay-report.js'

const outcome = (
  decision: Decision,
  leftAt: number | null,
  next: 'continue' | 'hangup' | null = 'continue',
) => ({
  ...{ decision, leftAt, next, recorded: decision === 'granted' ? ['service'] : [] },
})
const same = (decision: Decision, leftAt: number): ReplayedCall => ({
  before: outcome(decision, leftAt),
  after: outcome(decision, leftAt / 2),
})

t.test('who would be decided otherwise is counted, and how soon callers are with the agent', t => {
  const lost = { before: outcome('granted', 9_000), after: outcome('silent', 20_000) }
  const report = compareOutcomes([
    ...[same('granted', 4_000), same('granted', 8_040), same('refused', 6_000)],
    ...[lost, lost, { before: outcome('silent', 20_000), after: outcome('silent', 20_000, 'hangup') }],
    { before: outcome('abandoned', null, null), after: outcome('abandoned', null, null) },
    ...[{ leftOut: 'failed' } as const, { leftOut: 'not-reproduced' } as const],
  ])
  t.match(report, {
    calls: 9,
    replayed: 7,
    otherwise: 2,
    leftOut: { failed: 1, undecided: 0, 'not-reproduced': 1 },
  })
  t.strictSame(report.changes, [{ before: 'granted', after: 'silent', calls: 2 }])
  t.strictSame(report.recorded, { before: 4, after: 2 })
  t.strictSame(report.secondsToAgent.before, { median: 8, p95: 20, longest: 20 })
  t.match(report.decisions, {
    0: { decision: 'abandoned', before: 1, secondsBefore: null },
    1: { decision: 'granted', before: 4, after: 2, secondsAfter: { median: 2, longest: 4 } },
    3: { decision: 'silent', before: 1, after: 3, secondsAfter: { median: 20 } },
  })
  t.strictSame(compareOutcomes([]).secondsToAgent, { before: null, after: null })
  t.end()
})
