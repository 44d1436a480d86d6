// Real: the console's server without a socket, PostgreSQL with the console's role, the journal, stores. Fake: none.
import t from 'tap'
import { labLines } from '../../../lab/lab-lines.js'
import { changeLines } from '../../../src/operations/lines/change-lines.js'
import { changeGroup } from '../../../src/operations/lines/groups.js'
import { person } from '../../support/data/actors.js'
import { testConsole } from '../../support/processes/console.js'
import { FORM } from '../../support/processes/console-routes.js'

const { app, deps, people } = await testConsole(t, {}, { CONSENTRY_LINE_APPROVAL: 'required' })
const [first, second] = [await people('administrator'), await people('administrator')]
const root = person('root')
const directly = { withoutApproval: true }

const page = async (url: string, language = 'en') =>
  (await app.inject({ url, headers: { ...first.headers, 'accept-language': language } })).body
const send = (url: string, fields: Record<string, string>, by = first, language = 'en') =>
  app.inject({
    ...{ method: 'POST', url, headers: { ...by.headers, ...FORM, 'accept-language': language } },
    payload: new URLSearchParams(fields).toString(),
  })

t.test('a line goes back to an earlier version by a draft that somebody else approves', async t => {
  const line = { ...labLines[1]!, number: '800' }
  await changeLines(deps, root, line, directly)
  await changeLines(deps, root, { ...line, waitMs: 4_000 }, directly)
  t.match(await page('/lines/800'), /Begin a draft from version 1</)
  t.match(await page('/lines/800', 'ru'), /Начать черновик по версии 1</)
  t.equal((await send('/lines/800/restore', { version: '1' })).statusCode, 403, 'not at once')
  t.equal((await send('/lines/800/drafts', { version: '2' })).statusCode, 422, 'that one is in force')
  const draft = String((await send('/lines/800/drafts', { version: '1' })).headers.location)
  t.match(await page(draft), '1 change')
  await send(`${draft}/request-approval`, { revision: '1' })
  const own = await send(`${draft}/approve`, { revision: '1' })
  t.match(own, { statusCode: 403, body: /somebody else must approve it/ })
  t.match(own.body, `${draft}/discard`, 'on the page of the draft')
  await send(`${draft}/approve`, { revision: '1' }, second)
  t.equal((await send(`${draft}/publish`, { revision: '1' })).statusCode, 303)
  t.match(await page('/lines/800'), /Version 3 is in force.*Approved by administrator-2/s)
})

t.test('a proposed change of a group that has changed since is no dead end', async t => {
  const { number: _, ...shared } = labLines[1]!
  await changeGroup(deps, root, { name: 'desk', input: shared }, directly)
  const input = JSON.stringify({ ...shared, waitMs: 4_000 })
  await send('/lines/groups/desk', { seen: '1', input })
  const proposal = /name="proposal" value="([^"]+)"/.exec(await page('/lines/groups/desk'))![1]!
  await changeGroup(deps, root, { name: 'desk', input: { ...shared, retries: 3 } }, directly)
  const shown = await page('/lines/groups/desk')
  t.match(shown, 'The group has changed since this was proposed.')
  t.match(shown, /Wait for the answer, s<\/th>/)
  t.notMatch(
    /Cannot be approved any more.*?<\/section>/s.exec(shown)![0],
    'Repetitions',
    'what it was made for',
  )
  t.match(await page('/lines/groups/desk', 'ru'), 'С тех пор группа изменилась.')
  t.notMatch(shown, '/approve"')
  t.match(await page('/now'), 'can no longer be approved: the group has changed since.')
  const refused = await send('/lines/groups/desk/approve', { proposal }, second)
  t.match(refused, { statusCode: 409, body: /has changed since this was proposed/ })
  t.match(shown, /Repetitions of the question: .*→/, 'versions say what changed')
  await send('/lines/groups/desk/withdraw', { proposal })
  t.notMatch(await page('/now'), 'desk')
})
