// Real: what a tap knows of its PBX. Nothing is fake.
import t from 'tap'
import { PbxIncarnation } from '../../../src/recording/pbx-incarnation.js'

const [ONE, OTHER] = ['2026-01-01T10:00:00.000+0000', '2026-01-01T10:00:05.000+0000']

/** What is known after each of these returns of a PBX that was away. */
function after(prepared: string | undefined, ...backs: (string | undefined)[]) {
  const pbx = new PbxIncarnation(prepared, false)
  for (const started of backs) {
    pbx.connectionLost()
    pbx.connectionBack(started)
  }
  return { died: pbx.died, doubtful: pbx.uncertain, away: pbx.away }
}

t.test('the same PBX is back, or another one', async t => {
  t.strictSame(after(ONE, ONE), { died: false, doubtful: false, away: false })
  t.strictSame(after(ONE, OTHER), { died: true, doubtful: false, away: false })
  t.strictSame(after(ONE, OTHER, ONE), { died: true, doubtful: false, away: false }, 'that stays so')
})

t.test('one that does not say leaves a doubt, until it does', async t => {
  t.strictSame(after(ONE, undefined), { died: false, doubtful: true, away: false })
  t.strictSame(after(undefined, ONE), { died: false, doubtful: true, away: false })
  t.strictSame(after(ONE, undefined, ONE), { died: false, doubtful: false, away: false })
  t.strictSame(after(ONE, undefined, OTHER), { died: true, doubtful: false, away: false })
})

t.test(
  'one that had not said yet when the tap was prepared, and was not away since, is the one that says it',
  async t => {
    const pbx = new PbxIncarnation(undefined, false)
    pbx.connectionBack(ONE)
    pbx.connectionLost()
    t.ok(pbx.away)
    pbx.connectionBack(OTHER)
    t.ok(pbx.died)
  },
)
