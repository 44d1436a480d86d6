// Real: the service as a separate process. Fake: none.
// There is no database: nothing listens on its port.
import { join } from 'node:path'
import t from 'tap'
import { scratch } from '../../support/processes/database.js'
import { readServiceLog } from '../../support/processes/service-log.js'

t.test(
  'a service that never had its database does not say that it lost it, but where it looks for it',
  async t => {
    const dir = await scratch(t)
    const service = readServiceLog(t, {
      DATABASE_URL: 'postgres://consentry:geheim@127.0.0.1:1/calls',
      ARI_USERNAME: 'consentry',
      ARI_PASSWORD: 'hush',
      CONSENTRY_DATA: dir,
      CONSENTRY_TAP_DIR: join(dir, 'tap'),
      CONSENTRY_HTTP: '127.0.0.1:0',
    })
    // Before it come warnings about the settings.
    let { value: first } = await service.next()
    while (first && !/database/.test(first.msg)) first = (await service.next()).value
    t.match(first, {
      msg: 'waiting for the database; the service starts when the database answers',
      reason:
        /The database "calls" at 127\.0\.0\.1:1 cannot be reached: no program accepts connections there \(ECONNREFUSED\); .*DATABASE_URL/,
    })
    t.notOk(JSON.stringify(first).includes('geheim'))
  },
)
