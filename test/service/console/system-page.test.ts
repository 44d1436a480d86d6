// Real: the console's server without a socket, PostgreSQL with the console's role, the journal. Fake: none.
// The page of the system says what is known, whether the service answers or not.
import t from 'tap'
import { bytesIn } from '../../../src/console/pages/words/bytes.js'
import { event } from '../../../src/core/events.js'
import { APPEND_LIMIT_MS, startTestJournal } from '../../support/data/journal.js'
import { testConsole } from '../../support/processes/console.js'

const settings = {
  CONSENTRY_STORE: 'file:/tmp/consentry-test-system/store',
  CONSENTRY_KEYSTORE: 'file:/tmp/consentry-test-system/a,file:/tmp/consentry-test-system/b',
}
const { app, tokens, serviceUrl } = await testConsole(t, {}, settings)
const page = async (language: string) =>
  (
    await app.inject({
      url: '/system',
      headers: { authorization: tokens.operator, accept: 'text/html', 'accept-language': language },
    })
  ).body
/** What stands beside a name. */
const fact = (body: string, name: string) =>
  new RegExp(`<dt>${name}</dt><dd>(.*?)</dd>`, 's').exec(body)?.[1]?.replaceAll(/<[^>]+>/g, '')

t.test('a new installation says what there is not yet', async t => {
  const body = await page('en')
  t.match(body, 'does not answer')
  t.match(fact(body, 'Database'), /^PostgreSQL \d+\.\d+/)
  t.equal(fact(body, 'Last purge'), 'not yet')
  t.equal(fact(body, 'Last audit'), 'not yet')
  for (const folder of ['store', 'a', 'b'])
    t.match(body, `<code>/tmp/consentry-test-system/${folder}</code>`, folder)
})

t.test('the last purge, its refusal and the last audit are there', async t => {
  const journal = startTestJournal(t, serviceUrl)
  const at = Date.parse('2026-11-30T03:17:00Z')
  const purged = { at: new Date(at).toISOString(), due: 9, destroyed: 7, held: 2, failed: 0, act: null }
  const audited = { recordings: 41, objects: 41, keys: 41, faults: { 'object-missing': 1, 'key-missing': 2 } }
  await journal.append(
    [
      event('purge.finished', null, at - 3_600_000, { ...purged, destroyed: 1 }),
      event('purge.finished', null, at, purged),
      event('audit.finished', null, at, audited),
    ],
    APPEND_LIMIT_MS,
  )
  const body = await page('en')
  t.match(fact(body, 'Last purge'), /Nov 30, 2026, 03:17.*: 7 destroyed, 2 held, 0 failed$/)
  t.match(fact(body, 'Last audit'), /: 41 recordings 3 faults$/)
  t.match(fact(await page('ru'), 'Последняя сверка'), /: 41 запись 3 расхождения$/)
  const refused = event('purge.refused', null, at + 1_000, { by: 'schedule', kind: 'journal', doubt: 'x' })
  await journal.append([refused], APPEND_LIMIT_MS)
  t.match(fact(await page('en'), 'Last purge'), /refused, because the day was uncertain/)
})

t.test('bytes are said in the unit that fits', t => {
  t.match(bytesIn(0, 'en'), /^0 byte/)
  t.equal(bytesIn(1_500, 'en'), '1.5 kB')
  t.match(bytesIn(52_345_678_901, 'ru'), /^52,3\sГБ$/)
  t.end()
})
