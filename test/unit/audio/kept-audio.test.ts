// Real: what counts as missing of a recording. Fake: none.
import t from 'tap'
import { Redaction } from '../../../src/audio/redaction.js'
import { KeptAudio } from '../../../src/audio/tap-session.js'
import { isUnexpected } from '../../../src/core/missing-audio.js'

const SECOND = 8_000
const START = { caller: 0, agent: 0 }
/** A recording of so many seconds of each side. */
function kept(seconds: number): KeptAudio {
  const made = new KeptAudio(START)
  for (const leg of ['caller', 'agent'] as const) if (seconds > 0) made.piece(leg, 0, seconds * SECOND)
  return made
}
const unpaused = new Redaction(0)

t.test('a recording of nearly all of its call lacks nothing', async t => {
  t.equal(kept(58).missing(0, 60_000, unpaused), undefined)
  t.equal(kept(96).missing(0, 100_000, unpaused), undefined)
  t.equal(kept(3).missing(0, 4_900, unpaused), undefined, 'less than two seconds are not told')
})

t.test('a recording that lacks more has a reason that somebody should look for', async t => {
  const missing = kept(50).missing(0, 60_000, unpaused)!
  t.strictSame(missing, { missingMs: 10_000, reason: 'nothing-came' })
  t.ok(isUnexpected(missing))
  const gaps = kept(50)
  for (const leg of ['caller', 'agent'] as const) gaps.gap(leg, 9 * SECOND, 'tap-stopped')
  t.strictSame(gaps.missing(0, 60_000, unpaused), { missingMs: 10_000, reason: 'tap-stopped' })
  t.strictSame(kept(0).missing(0, 60_000, unpaused), { missingMs: 60_000, reason: 'nothing-came' })
})

t.test('a pause is not missing, and is the reason of a recording that it has left empty', async t => {
  const party = new Redaction(0)
  party.pause(10_000, 'party')
  party.resume(50_000, 'party')
  t.equal(kept(19).missing(0, 60_000, party), undefined)
  t.strictSame(kept(9).missing(0, 60_000, party), { missingMs: 10_500, reason: 'nothing-came' })
  for (const [by, unexpected] of [
    ['party', false],
    ['hold', false],
    ['agent', false],
    ['line', true],
  ] as const) {
    const all = new Redaction(0)
    all.pause(500, by)
    const missing = kept(0).missing(0, 60_000, all)!
    t.match(missing, { reason: by })
    t.equal(isUnexpected(missing), unexpected, by)
  }
})

t.test('a call that ends at once has a reason of its own', async t => {
  const missing = kept(0).missing(0, 1_500, unpaused)!
  t.match(missing, { reason: 'hung-up' })
  t.notOk(isUnexpected(missing))
})

t.test('beside an outsider, the side that is left out does not count', async t => {
  const own = new KeptAudio(START)
  own.piece('caller', 0, 60 * SECOND)
  const muted = new Redaction(0)
  muted.pause(0, 'own-side')
  t.equal(own.missing(0, 60_000, muted), undefined)
})
