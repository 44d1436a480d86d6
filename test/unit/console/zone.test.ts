// Real: moments in time zones. Fake: none.
import t from 'tap'
import { midnight, momentOf, zoneOf } from '../../../src/console/pages/zone.js'

t.test('midnight is that of the time zone', async t => {
  const at = Date.UTC(2026, 10, 27, 22, 30, 5, 250)
  t.equal(midnight(at), Date.UTC(2026, 10, 27))
  t.equal(midnight(at, 'Europe/Moscow'), Date.UTC(2026, 10, 27, 21))
  t.equal(midnight(at, 'Asia/Kathmandu'), Date.UTC(2026, 10, 27, 18, 15))
})

t.test('a local time is a moment of its zone, also beside a clock change', async t => {
  t.same(momentOf('2026-11-27T09:00', 'Europe/Moscow'), new Date('2026-11-27T06:00:00Z'))
  t.same(momentOf('2026-11-27T09:00'), new Date('2026-11-27T09:00:00Z'))
  t.same(momentOf('2026-03-29T03:30', 'Europe/Berlin'), new Date('2026-03-29T01:30:00Z'))
  t.equal(momentOf('tomorrow'), undefined)
  t.equal(zoneOf('Nowhere/City'), undefined)
})
