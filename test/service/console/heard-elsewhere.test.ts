// Real: the console's server without a socket, PostgreSQL with the console's role, the journal. Fake: none.
import t from 'tap'
import { recordedCall, STARTED } from '../../support/data/call-events.js'
import { APPEND_LIMIT_MS, startTestJournal } from '../../support/data/journal.js'
import { agreedOutsider, withdrew } from '../../support/data/outsider.js'
import { testConsole } from '../../support/processes/console.js'

const { app, tokens, serviceUrl } = await testConsole(t)
const journal = startTestJournal(t, serviceUrl)

t.test('the first page says that callers who withdrew can be heard in recordings of others', async t => {
  const page = async (language: string) => {
    const headers = { authorization: tokens.auditor, accept: 'text/html', 'accept-language': language }
    return (await app.inject({ url: '/now', headers })).body
  }
  const { call, events } = recordedCall()
  const other = agreedOutsider(call, '+79161230009', STARTED + 12_000)
  await journal.append([...events, ...other.events], APPEND_LIMIT_MS)
  t.notMatch(await page('en'), /recordings of others/)
  await journal.append([withdrew(other.call, STARTED + 14_500)], APPEND_LIMIT_MS)
  t.match(await page('en'), /1 caller has taken a yes back .* recordings of others\. .* by 2026-02-13:/)
  const russian = await page('ru')
  t.match(
    russian,
    /1 звонящего после отзыва согласия ещё слышно в записях других\. .* не позднее 2026-02-13:/,
  )
  t.match(russian, /consentry rights list/)
  t.notMatch(russian, /79161230009/)
})
