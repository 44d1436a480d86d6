// Real: the routes of the console. Fake: its database, which nobody asks.
import t from 'tap'
import { readConfig } from '../../../src/config/config.js'
import { consoleApp } from '../../../src/console/app.js'
import type { ConsoleDeps } from '../../../src/console/deps.js'
import { systemClock } from '../../../src/core/clock.js'
import { createLog } from '../../../src/lib/log.js'
import { pagesAmong } from '../../bench/console/addresses.js'
import { routesOf } from '../../support/processes/console-routes.js'

t.test('the benchmark of the console knows an address of every page', async t => {
  const config = readConfig({}, 'tool')
  const app = await consoleApp({ config, clock: systemClock, log: createLog('warn') } as ConsoleDeps)
  t.teardown(() => app.close())
  const pages = pagesAmong(routesOf(app), { number: '100', draft: 'd', group: 'g' })
  t.ok(pages.length > 20, `${pages.length} pages`)
  t.strictSame(pages.find(({ route }) => route === '/lines/:number')?.path, '/lines/100')
  t.strictSame(
    pages.filter(({ path }) => path.includes(':')),
    [],
  )
  t.throws(() => pagesAmong([{ method: 'GET', url: '/new/:thing' }], { number: '', draft: '', group: '' }), {
    message: /\/new\/:thing is new/,
  })
})
