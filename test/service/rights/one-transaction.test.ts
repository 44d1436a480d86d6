// Real: PostgreSQL, journal, key store, disk store, sealed containers. Fake: none.
import t from 'tap'
import type { EventType } from '../../../src/core/events.js'
import { erasePerson } from '../../../src/rights/erase-person.js'
import { listIncidents } from '../../../src/rights/incident/incident-rows.js'
import { closeIncident, openIncident } from '../../../src/rights/incidents.js'
import { closeRequest, listRequests, openRequest } from '../../../src/rights/requests.js'
import { exactly, none } from '../../support/assertions/exactly.js'
import { person } from '../../support/data/actors.js'
import { toldEvents } from '../../support/data/told-events.js'
import { sealCall, startArchiveSetup } from '../../support/processes/archive-setup.js'
import { withoutCommit } from '../../support/processes/without-commit.js'

const place = await startArchiveSetup(t)
const { deps } = place
const officer = person('officer')
const owner = await place.logSetup.superuser()
t.teardown(() => owner.cut())
const asked = { kind: 'erasure', law: '152-fz', receivedOn: '2026-06-01' } as const

const count = async (type: EventType) => (await toldEvents(deps.db, type)).length
const openOf = async (number: string) =>
  (await listRequests(deps.db, Date.now(), number)).filter(({ closedAt }) => closedAt === null)

t.test('of a request, there are event and row, or neither', async t => {
  const number = '+7301'
  const open = () => openRequest(deps, officer, { number, ...asked })
  await withoutCommit(t, owner, 'rights_request', open)
  t.strictSame([await count('request.received'), (await openOf(number)).length], [0, 0])
  const { id } = await open()
  t.match(await toldEvents(deps.db, 'request.received'), exactly({ data: { request: id, by: 'officer' } }))
  t.match(await openOf(number), exactly({ id, openedBy: 'officer' }))

  await withoutCommit(t, owner, 'rights_request', () => closeRequest(deps, officer, id, 'a copy was sent'))
  t.strictSame([await count('request.closed'), (await openOf(number)).length], [0, 1])
  await closeRequest(deps, officer, id, 'a copy was sent')
  t.match(await toldEvents(deps.db, 'request.closed'), exactly({ data: { request: id, outcome: /copy/ } }))
  t.match(await openOf(number), none)
})

t.test('so it is of a request that an erasure closes, which can be run again', async t => {
  const number = '+7302'
  await sealCall(place, number)
  const { id } = await openRequest(deps, officer, { number, ...asked })
  const before = await count('request.closed')
  const erase = () => erasePerson(deps, officer, { number, reason: 'asked in writing' })
  await withoutCommit(t, owner, 'rights_request', erase)
  t.equal(await count('request.closed'), before)
  t.match(await openOf(number), exactly({ id }))
  t.match(await erase(), { calls: 1, stays: none })
  t.match((await toldEvents(deps.db, 'request.closed')).slice(before), exactly({ data: { request: id } }))
  t.match(await openOf(number), none)
})

t.test('of an incident, there are event and rows, or none', async t => {
  const { call } = await sealCall(place, '+7303')
  const open = () => openIncident(deps, officer, { what: 'A disk was lost', concerned: { calls: [call] } })
  await withoutCommit(t, owner, 'incident', open)
  t.strictSame([await count('incident.opened'), (await listIncidents(deps.db)).length], [0, 0])
  const { incident } = await open()
  t.match(
    await toldEvents(deps.db, 'incident.opened'),
    exactly({ data: { incident, what: /disk/, recordings: 1 } }),
  )

  await withoutCommit(t, owner, 'incident', () => closeIncident(deps, officer, incident))
  t.equal(await count('incident.closed'), 0)
  t.match(await listIncidents(deps.db), exactly({ closedAt: null }))
  await closeIncident(deps, officer, incident)
  t.match(await toldEvents(deps.db, 'incident.closed'), exactly({ data: { incident, by: 'officer' } }))
  t.match(await listIncidents(deps.db), exactly({ closedBy: 'officer' }))
})
