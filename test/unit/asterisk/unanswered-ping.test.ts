// Real: telephony, ari-client, HTTP and WebSocket. Fake: a PBX whose pongs answer no ping.
import t from 'tap'
import { connected } from '../../support/fakes/connected-telephony.js'
import { until } from '../../support/processes/database.js'

t.test(
  'a connection on which a ping stays without an answer counts as lost, and is set up again',
  async t => {
    const { telephony, connection, unheard } = await connected(t)
    const asked = performance.now()
    const error = await telephony.caughtUp().catch(failure => failure)
    t.equal(error.code, 'pbx.unavailable')
    t.ok(performance.now() - asked > 30_000, 'not before 30 s')
    t.strictSame(connection.slice(0, 2), ['connected', 'silent'])
    t.ok(unheard[0]! < 5_000, 'other messages came all the time')
    await until(() => connection.at(-1) === 'connected')
  },
)
