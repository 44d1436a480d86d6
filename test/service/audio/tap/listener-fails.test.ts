// Real: the keeper's client, a keeper that it starts, pipes. Fake: Asterisk, the program's log.
import t from 'tap'
import { KeeperClient } from '../../../../src/audio/tap/keeper-client.js'
import { matchEach } from '../../../support/assertions/match-each.js'
import { createErrorLog } from '../../../support/fakes/error-log.js'
import { until } from '../../../support/processes/database.js'
import { BLOCK_BYTES, keeperSettings, writeOneBlock } from '../../../support/processes/keeper.js'

t.test('a mistake in what takes audio is logged, and the audio after it comes', async t => {
  const { log, errors } = createErrorLog()
  const client = await KeeperClient.start(await keeperSettings(t), log)
  t.teardown(() => client.stop())
  let [fails, bytes] = [true, 0]
  const tap = await client.openTap('call', {
    block({ bytes: { length } }) {
      bytes += length
      if (fails) {
        fails = false
        throw new TypeError('+7 900 123-45-67')
      }
    },
    ...{ filling() {}, gap() {}, end() {}, interrupted() {} },
  })
  await writeOneBlock(tap.reference)
  await until(() => bytes === 2 * BLOCK_BYTES)
  tap.end()
  matchEach(t, errors, [{ kind: 'TypeError', text: 'the connection to the keeper is lost; retrying' }])
})
