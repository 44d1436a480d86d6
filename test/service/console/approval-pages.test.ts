// Real: the console's server without a socket, PostgreSQL with the console's role, the journal, stores. Fake: none.
import t from 'tap'
import { labLines } from '../../../lab/lab-lines.js'
import { changeLines } from '../../../src/lines/change-lines.js'
import { changeGroup } from '../../../src/lines/groups.js'
import { matchEach } from '../../support/assertions/match-each.js'
import { person } from '../../support/data/actors.js'
import { told } from '../../support/data/told-events.js'
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

t.test('a second person sees what changes, and decides with a comment', async t => {
  const line = { ...labLines[1]!, number: '810' }
  await changeLines(deps, root, line, directly)
  const draft = String((await send('/lines/810/drafts', {})).headers.location)
  await send(`${draft}/fields`, { revision: '1', field: 'waitMs', value: '9' })
  const seen = { revision: '2' }
  await send(`${draft}/request-approval`, seen)
  const own = await page(draft)
  t.match(own, /Wait for the answer, s<\/th><td data-label="In force">5<\/td><td data-label="Proposed">9</)
  t.notMatch(own, 'name="comment"', 'whoever changed it decides nothing')
  const others = async () =>
    (await app.inject({ url: draft, headers: { ...second.headers, 'accept-language': 'en' } })).body
  t.match(await others(), 'name="comment"')
  const mute = await send(`${draft}/refuse`, { ...seen, comment: '  ' }, second)
  t.match(mute, { statusCode: 422, body: /Say why you reject it/ })
  const long = await send(`${draft}/approve`, { ...seen, comment: 'x'.repeat(1_001) }, second)
  t.match(long, { statusCode: 422, body: /A comment has at most 1000 characters.*x{1001}<\/textarea>/s })
  t.equal((await send(`${draft}/refuse`, { ...seen, comment: 'Mine.' })).statusCode, 403)
  await send(`${draft}/refuse`, { ...seen, comment: 'Nine seconds are <b>too</b> long.' }, second)
  const rejected = await page(draft)
  t.match(rejected, /administrator-2 has rejected revision 2:.*Nine seconds are &lt;b>too&lt;\/b> long\./s)
  t.match(rejected, 'Ask for approval', 'it is open again')
  await send(`${draft}/fields`, { ...seen, field: 'waitMs', value: '8' })
  t.match(await page(draft), 'Nine seconds are', 'whoever mends it still reads why')
  await send(`${draft}/request-approval`, { revision: '3' })
  t.notMatch(await page(draft), 'Nine seconds are')
  await send(`${draft}/approve`, { revision: '3', comment: 'Good.' }, second)
  t.match(await page(draft), /Approved by administrator-2<\/p><p class="written">Good\.</)
  const events = await told(deps.db)
    .select(['type', 'data'])
    .where('type', 'in', ['line.approved', 'line.approval-refused'])
    .orderBy('id')
    .execute()
  matchEach(t, events.slice(-2), [
    { type: 'line.approval-refused', data: { revision: 2, comment: 'Nine seconds are <b>too</b> long.' } },
    { type: 'line.approved', data: { revision: 3, comment: 'Good.' } },
  ])
})

t.test('a change of a group is rejected with a comment, taken up again, and approved', async t => {
  const { number: _, ...shared } = labLines[1]!
  await changeGroup(deps, root, { name: 'hall', input: shared }, directly)
  const address = '/lines/groups/hall'
  await send(address, { seen: '1', input: JSON.stringify({ ...shared, waitMs: 9_000 }) })
  const seen = async () => /name="proposal" value="([^"]+)"/.exec(await page(address))![1]!
  const proposal = await seen()
  t.notMatch(await page(address), 'name="comment"', 'whoever proposed it decides nothing')
  const mute = await send(`${address}/refuse`, { proposal, comment: ' ' }, second)
  t.match(mute, { statusCode: 422, body: /Say why you reject it/ })
  const long = await send(`${address}/approve`, { proposal, comment: 'x'.repeat(1_001) }, second)
  t.match(long, { statusCode: 422, body: /A comment has at most 1000 characters.*x{1001}<\/textarea>/s })
  const own = { proposal, comment: 'Mine.' }
  t.equal((await send(`${address}/refuse`, own)).statusCode, 403)
  const why = { proposal, comment: 'Nine seconds are <b>too</b> long.' }
  t.equal((await send(`${address}/refuse`, why, second)).statusCode, 303)
  const rejected = await page(address)
  t.match(
    rejected,
    /administrator-2 has rejected what administrator-1 proposed:.*are &lt;b>too&lt;\/b> long/s,
  )
  t.match(rejected, /Wait for the answer, s<\/th><td[^>]*>5<\/td><td[^>]*>9</)
  t.match(await page(address, 'ru'), 'отклоняет administrator-2')
  t.match(rejected, /<input id="waitMs"[^>]*value="5"/, 'the form has what is in force')
  t.match(await page(`${address}?again=yes`), /<input id="waitMs"[^>]*value="9"/, 'or what was rejected')
  await send(address, { seen: '1', input: JSON.stringify({ ...shared, waitMs: 8_000 }) })
  t.notMatch(await page(address), 'Nine seconds are')
  await send(`${address}/approve`, { proposal: await seen(), comment: 'Good.' }, second)
  t.match(
    await page(address),
    /Approved by administrator-2<\/span><span class="soft">Proposed by administrator-1<.*<p class="written">Good\.</s,
  )
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
