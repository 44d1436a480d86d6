// Real: the console's server, PostgreSQL with the console's role. Fake: none.
// A page takes few of the pool's five connections at once, so that a person with many pages keeps nobody waiting.
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { seed } from '../../support/browser/seed.js'
import { testConsole } from '../../support/processes/console.js'
import { filled, isApi, isStream, routesOf } from '../../support/processes/console-routes.js'

/** Most connections that a page takes at once. */
const MOST = 1
/** The console does other work meanwhile, at times. So a page takes too many if it does each time, so often. */
const TRIES = 3

const console = await testConsole(t)
const { app, deps, people } = console
await seed(t, console)

/** How long a connection is kept after its query, ms: two queries that could overlap do so. */
const KEPT_MS = 10

/** Counts the connections that are taken at once. @returns the most since this was last asked */
function countTaken(): () => number {
  const executor = deps.db.getExecutor()
  const provide = executor.provideConnection.bind(executor)
  let [taken, most] = [0, 0]
  executor.provideConnection = async consumer => {
    most = Math.max(most, ++taken)
    try {
      return await provide(async connection => {
        const result = await consumer(connection)
        await sleep(KEPT_MS)
        return result
      })
    } finally {
      taken -= 1
    }
  }
  return () => {
    const found = most
    most = 0
    return found
  }
}

t.test('every page takes one connection at a time', async t => {
  const { headers } = await people('administrator')
  const mostTaken = countTaken()
  const pages = routesOf(app).filter(route => route.method === 'GET' && !isApi(route) && !isStream(route))
  t.ok(pages.length > 20)
  for (const { url } of pages)
    for (const address of new Set([filled(url), filled(url, '100')])) {
      let taken = Number.POSITIVE_INFINITY
      for (let tries = 0; taken > MOST && tries < TRIES; tries++) {
        await app.inject({ url: address, headers: { ...headers, accept: 'text/html' } })
        taken = mostTaken()
      }
      t.ok(taken <= MOST, `${address}: ${taken} at once`)
    }
})
