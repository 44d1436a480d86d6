// Real: the service as a process of its own, with its journal and log. There is no database: nobody listens.
import { join } from 'node:path'
import t from 'tap'
import { scratch } from '../../support/database.js'
import { serviceLog } from '../../support/service-log.js'

t.test(
  'a service that never had its database does not say that it lost it, but where it looks for it',
  async t => {
    const dir = await scratch(t)
    const reasons: Record<string, string | undefined> = {}
    const service = serviceLog(t, {
      DATABASE_URL: 'postgres://consentry:geheim@127.0.0.1:1/calls',
      ARI_USERNAME: 'consentry',
      ARI_PASSWORD: 'hush',
      CONSENTRY_DATA: dir,
      CONSENTRY_TAP_DIR: join(dir, 'tap'),
      CONSENTRY_HTTP: '127.0.0.1:0',
    })
    for await (const { msg, reason } of service) {
      reasons[msg] = reason
      if (Object.keys(reasons).length === 2) break
    }
    const why =
      /The database "calls" at 127\.0\.0\.1:1 cannot be reached: nothing takes connections there \(ECONNREFUSED\); .*DATABASE_URL/
    t.match(reasons, {
      'the log is not carried on; events are kept and enter it later': why,
      'the journal waits for its database, and events with it': why,
    })
    t.notOk(JSON.stringify(reasons).includes('geheim'))
  },
)
