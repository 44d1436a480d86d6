// Real: events and their ids. Fake: none.
import t from 'tap'
import { event, withDeterministicId } from '../../../src/core/events.js'
import { isUuid, newActId } from '../../../src/core/ids.js'

const discarded = (act = newActId(), at = 1) =>
  withDeterministicId(event('act.discarded', null, at, { act, number: 1 }), act)

t.test('an event that can happen once has the same id in every process', async t => {
  const act = newActId()
  t.equal(discarded(act, 1).id, discarded(act, 2).id)
  t.not(discarded(act).id, discarded().id, 'another subject')
  const finished = event('service.stopped', null, 1, { reason: 'r' })
  t.not(discarded(act).id, withDeterministicId(finished, act).id, 'another event of the same subject')
})

t.test('the id is a UUID of version 8 (RFC 9562)', async t => {
  const { id } = discarded()
  t.ok(isUuid(id))
  t.match(id, /^.{14}8.{4}[89ab]/)
})
