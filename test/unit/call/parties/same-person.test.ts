// Real: which channels are one person. Fake: none.
import t from 'tap'
import { SamePerson } from '../../../../src/call/parties/neighbours.js'
import type { ChannelId } from '../../../../src/core/ids.js'

const [caller, half, further, other] = ['1', '2', '3', '4'] as ChannelId[] as [
  ChannelId,
  ChannelId,
  ChannelId,
  ChannelId,
]

t.test('whoever is sent on twice is one person on three channels', async t => {
  const people = new SamePerson()
  people.join(caller, half)
  people.join(half, further)
  t.ok(people.areOne(caller, further))
  t.strictSame(people.othersOf(half).sort(), [caller, further])
  t.notOk(people.areOne(caller, other))
  t.notOk(people.areOne(caller, caller))
})

t.test('the end of a channel parts nobody else, and leaves nothing', async t => {
  const people = new SamePerson()
  people.join(caller, half)
  people.join(caller, further)
  people.delete(half)
  t.ok(people.areOne(caller, further))
  people.delete(further)
  t.notOk(people.areOne(caller, further))
  t.equal(people.size, 0)
})
