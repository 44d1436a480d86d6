// Real: the answers, and a file operation before each. Fake: none.
import t from 'tap'
import { Pongs } from '../../../../src/audio/tap/keeper-client.js'
import { until } from '../../../support/processes/database.js'

function setUp() {
  const seen = { serves: false, looks: 0, sent: 0 }
  const send = () => {
    seen.sent += 1
  }
  const serves = () => {
    seen.looks += 1
    return seen.serves
  }
  return { pongs: new Pongs(send, serves), seen }
}

t.test('a ping that comes before callers are served is answered as soon as they are', async t => {
  const { pongs, seen } = setUp()
  pongs.ping()
  await until(() => seen.looks >= 3)
  t.equal(seen.sent, 0)
  seen.serves = true
  await until(() => seen.sent > 0)
  pongs.ping()
  await until(() => seen.sent > 1)
  t.equal(seen.sent, 2, 'each ping is answered once')
})

t.test('nothing is answered when the service ends', async t => {
  const { pongs, seen } = setUp()
  pongs.ping()
  await until(() => seen.looks > 0)
  pongs.stop()
  seen.serves = true
  const before = seen.looks
  // Another look would follow within a tenth of a second.
  pongs.ping()
  await until(() => seen.looks > before)
  t.equal(seen.sent, 1, 'only a ping that comes then')
})
