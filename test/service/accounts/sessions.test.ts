// Real: sessions on PostgreSQL with the console's role, the journal. Fake: the clock.
import t from 'tap'
import {
  actorOfSession,
  endOtherSessions,
  listSessions,
  openSession,
  revokeSession,
  signOut,
} from '../../../src/accounts/sessions.js'
import { browserOf, peopleSetup } from '../../support/processes/people.js'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS

const secretOf = ({ headers }: { headers: { cookie: string } }) => headers.cookie.split('=')[1]!

t.test('a session ends after 30 idle minutes', async t => {
  const { deps, clock } = await peopleSetup(t)
  const secret = secretOf(await browserOf(deps, 'maria', ['supervisor']))
  clock.standStill(29 * MINUTE_MS)
  t.ok(await actorOfSession(deps, secret), 'a request keeps it')
  clock.standStill(29 * MINUTE_MS)
  t.ok(await actorOfSession(deps, secret))
  clock.standStill(30 * MINUTE_MS)
  t.equal(await actorOfSession(deps, secret), undefined)
})

t.test('a session ends after 12 hours, however busy it is', async t => {
  const { deps, clock } = await peopleSetup(t)
  const secret = secretOf(await browserOf(deps, 'maria', ['supervisor']))
  for (let i = 0; i < 35; i += 1) {
    clock.standStill(20 * MINUTE_MS)
    t.ok(await actorOfSession(deps, secret))
  }
  clock.standStill(12 * HOUR_MS - 35 * 20 * MINUTE_MS)
  t.equal(await actorOfSession(deps, secret), undefined)
})

t.test('the last request is written down once a minute at most', async t => {
  const { deps, clock } = await peopleSetup(t)
  const { actor, headers } = await browserOf(deps, 'maria', ['supervisor'])
  const seen = async () => (await listSessions(deps, actor))[0]!.seenAt
  const first = await seen()
  clock.standStill(MINUTE_MS - 1)
  await actorOfSession(deps, secretOf({ headers }))
  t.equal(await seen(), first)
  clock.standStill(1)
  await actorOfSession(deps, secretOf({ headers }))
  t.not(await seen(), first)
})

t.test('everybody ends own sessions, and an administrator any', async t => {
  const { deps, clock, events } = await peopleSetup(t)
  const maria = await browserOf(deps, 'maria', ['supervisor'])
  const ivan = await browserOf(deps, 'ivan', ['auditor'])
  const boss = await browserOf(deps, 'boss', ['administrator'])
  const { user } = maria.actor
  const more = await openSession(deps.db, { user, address: '10.0.0.7', at: clock.now() })
  t.match(await listSessions(deps, maria.actor), { length: 2 })
  t.match(await listSessions(deps, boss.actor, 'maria'), { length: 2, 0: { user: 'maria', own: false } })
  await t.rejects(listSessions(deps, ivan.actor, 'maria'), { code: 'not-found' })
  await t.rejects(revokeSession(deps, ivan.actor, more.id), { code: 'not-found' })
  await t.rejects(revokeSession(deps, boss.actor, 'nonsense'), { code: 'not-found' })
  t.equal(await endOtherSessions(deps, maria.actor), 1)
  t.equal(await actorOfSession(deps, more.secret.reveal()), undefined)
  t.ok(await actorOfSession(deps, secretOf(maria)))
  await revokeSession(deps, boss.actor, maria.actor.session)
  t.equal(await actorOfSession(deps, secretOf(maria)), undefined)
  await signOut(deps, ivan.actor)
  t.equal(await actorOfSession(deps, secretOf(ivan)), undefined)
  t.strictSame(
    (await events('session.ended')).map(({ name, by, how }) => `${name} ${by} ${how}`),
    ['maria maria revoked', 'maria boss revoked', 'ivan ivan signed-out'],
  )
  for (const secret of ['', 'x', 'x'.repeat(43), `${secretOf(boss)}=`])
    t.equal(await actorOfSession(deps, secret), undefined)
})
