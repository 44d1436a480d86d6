// Real: the answers, and a file operation before each. Fake: none.
import t from 'tap'
import { Pongs } from '../../../src/tap/pongs.js'
import { until } from '../../support/processes/database.js'

t.test('a ping that comes before callers are served is answered as soon as they are', async t => {
  let [serves, looks, sent] = [false, 0, 0]
  const pongs = new Pongs(
    () => {
      sent += 1
    },
    () => {
      looks += 1
      return serves
    },
  )
  pongs.ping()
  await until(() => looks >= 3)
  t.equal(sent, 0)
  serves = true
  await until(() => sent > 0)
  pongs.ping()
  await until(() => sent > 1)
  t.equal(sent, 2, 'each ping is answered once')
})

t.test('nothing is answered when the service ends', async t => {
  let [serves, looks, sent] = [false, 0, 0]
  const pongs = new Pongs(
    () => {
      sent += 1
    },
    () => {
      looks += 1
      return serves
    },
  )
  pongs.ping()
  await until(() => looks > 0)
  pongs.stop()
  serves = true
  const before = looks
  // Another look would follow within a tenth of a second.
  pongs.ping()
  await until(() => looks > before)
  t.equal(sent, 1, 'only a ping that comes then')
})
