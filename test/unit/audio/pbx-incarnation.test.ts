// Real: the state of the PBX. Fake: its start times.
import t from 'tap'
import { PbxIncarnation } from '../../../src/audio/tap-end.js'

const [ONE, OTHER] = ['2026-01-01T10:00:00.000+0000', '2026-01-01T10:00:05.000+0000']

/** @returns the state after the PBX was lost and came back with each of these start times */
function after(prepared: string | undefined, ...backs: (string | undefined)[]) {
  const pbx = new PbxIncarnation(prepared, false)
  for (const started of backs) {
    pbx.connectionLost()
    pbx.connectionBack(started)
  }
  return { died: pbx.died, uncertain: pbx.uncertain, unreachable: pbx.unreachable }
}

t.test('a PBX that comes back with another start time has died', async t => {
  t.strictSame(after(ONE, ONE), { died: false, uncertain: false, unreachable: false })
  t.strictSame(after(ONE, OTHER), { died: true, uncertain: false, unreachable: false })
  t.strictSame(
    after(ONE, OTHER, ONE),
    { died: true, uncertain: false, unreachable: false },
    'a death stays known',
  )
})

t.test('a PBX without a start time leaves the state uncertain until it reports one', async t => {
  t.strictSame(after(ONE, undefined), { died: false, uncertain: true, unreachable: false })
  t.strictSame(after(undefined, ONE), { died: false, uncertain: true, unreachable: false })
  t.strictSame(after(ONE, undefined, ONE), { died: false, uncertain: false, unreachable: false })
  t.strictSame(after(ONE, undefined, OTHER), { died: true, uncertain: false, unreachable: false })
})

t.test('the first start time is that of the running PBX if the PBX was never unreachable', async t => {
  const pbx = new PbxIncarnation(undefined, false)
  pbx.connectionBack(ONE)
  pbx.connectionLost()
  t.ok(pbx.unreachable)
  pbx.connectionBack(OTHER)
  t.ok(pbx.died)
})
