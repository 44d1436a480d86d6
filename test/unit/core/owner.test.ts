// Real: the comparison, which is pure. Fake: the owners.
import t from 'tap'
import { newNodeId } from '../../../src/core/ids.js'
import { isOwner } from '../../../src/core/owner.js'

const own = { node: 'pbx', keeper: '/var/lib/consentry/run/keeper.sock', service: newNodeId() }

t.test('the owner is recognised by the id and not by the name of the machine', async t => {
  t.ok(isOwner(own, { ...own }))
  t.ok(isOwner(own, { ...own, node: 'renamed', keeper: '/moved/run/keeper.sock' }))
  t.notOk(isOwner(own, { ...own, service: newNodeId() }), 'another machine of the same name and paths')
})

t.test('name and socket decide for older versions, and the oldest versions match every owner', async t => {
  const { node, keeper } = own
  t.ok(isOwner(own, { node, keeper }))
  t.notOk(isOwner(own, { node: 'other', keeper }))
  t.notOk(isOwner(own, { node, keeper: '/elsewhere/run/keeper.sock' }))
  t.ok(isOwner(own, {}))
})
