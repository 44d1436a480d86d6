// Real: LiveNow, PostgreSQL with the console's role. Fake: the clock, where a test has one.
// What those who watch get while the database gives no answer.
import { setTimeout as pause } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { revokeSession } from '../../../src/accounts/sessions.js'
import { LiveNow } from '../../../src/console/pages/now/live-now.js'
import type { SessionId } from '../../../src/core/ids.js'
import { FakeClock } from '../../support/fakes/fake-clock.js'
import { testConsole } from '../../support/processes/console.js'
import { BEGIN_HELD, until } from '../../support/processes/database.js'
import { readEvents } from '../../support/processes/event-stream.js'
import { takeConnections } from '../../support/processes/taken-connections.js'

/** How often the console looks, ms. */
const TURN_MS = 500
/** How long the database gets while the fake clock stands, ms. It takes some milliseconds. */
const REAL_MS = 100

const { deps, admin, asOwner, people } = await testConsole(t)

/** Begins to watch. @returns reads the name of the next event; undefined if the console ends the connection */
function watch(t: Test, live: LiveNow, session: SessionId): () => Promise<string | undefined> {
  const view = { language: 'en', isChosen: true, locale: 'en', zone: 'UTC', theme: undefined } as const
  const viewer = live.join(session, { view, mayChange: false, mayAsk: false })
  t.teardown(() => viewer.destroy())
  const events = readEvents(viewer)
  return async () => (await events.next()).value?.event
}

/** The next event that is no message. */
async function passMessages(next: () => Promise<string | undefined>): Promise<string | undefined> {
  for (;;) {
    const event = await next()
    if (event !== 'message') return event
  }
}

t.test(
  'who gets no connection of the pool at the first look stays, and is shown all by a later one',
  async t => {
    const live = new LiveNow(deps)
    t.teardown(() => live.end())
    const { actor } = await people('operator')
    const giveBack = await takeConnections(deps.db)
    const next = watch(t, live, actor.session)
    t.equal(await next(), 'old', 'the page says that what it shows is old')
    await giveBack()
    t.equal(await next(), 'message', 'and then has all')
  },
)

t.test(
  'who has been shown something is told that it is old, and nothing if the session has ended since',
  async t => {
    const live = new LiveNow(deps)
    t.teardown(() => live.end())
    const [stays, leaves] = [await people('supervisor'), await people('supervisor')]
    const next = watch(t, live, stays.actor.session)
    const nextOfOther = watch(t, live, leaves.actor.session)
    t.equal(await next(), 'message')
    t.equal(await nextOfOther(), 'message')
    const giveBack = await takeConnections(deps.db)
    t.equal(await passMessages(next), 'old')
    t.equal(await passMessages(nextOfOther), 'old')
    await revokeSession({ ...deps, db: admin.db }, leaves.actor, leaves.actor.session)
    await giveBack()
    t.equal(await nextOfOther(), 'signed-out', 'before anything is shown')
    t.equal(await nextOfOther(), undefined)
    t.equal(await next(), 'message')
  },
)

t.test(
  'while the database hangs one look waits for two minutes, and those who watch are sent away in the end',
  async t => {
    const clock = new FakeClock(Date.now())
    const live = new LiveNow({ ...deps, clock })
    t.teardown(() => live.end())
    const { actor } = await people('operator')
    /** Lets time pass on the fake clock until an event comes. @param realMs how long the database gets before each step, ms */
    const pass = async <T>(event: Promise<T>, realMs: number): Promise<T> => {
      let come = false
      const noted = event.finally(() => {
        come = true
      })
      while (!come) {
        await Promise.race([noted, pause(realMs)])
        clock.advance(TURN_MS)
      }
      return event
    }
    await asOwner.query(`${BEGIN_HELD}; lock table event_personal in access exclusive mode`)
    const watchToTheEnd = async () => {
      const next = watch(t, live, actor.session)
      t.equal(await pass(next(), REAL_MS), 'old')
      t.equal(await pass(next(), 1), undefined, 'sent away')
    }
    // Connections of the journal have other names.
    const areSeveralWaiting = async () => {
      const { rows } = await asOwner.query(`
      select count(*) from pg_locks join pg_stat_activity using (pid)
      where not granted and application_name = 'consentry' having count(*) > 1`)
      return rows.length > 0
    }
    for (const _ of ['first', 'second', 'third']) await watchToTheEnd()
    t.notOk(await areSeveralWaiting(), 'not more than one look waits')
    for (const _ of ['fourth', 'fifth']) await watchToTheEnd()
    await until(areSeveralWaiting)
    await asOwner.query('rollback')
    const next = watch(t, live, actor.session)
    let event: string | undefined = 'old'
    while (event === 'old') event = await pass(next(), REAL_MS)
    t.equal(event, 'message')
  },
)
