// Real: the console's server, PostgreSQL with the console's role, the journal. Fake: none.
// Lines have names, and are copied. Phones have names.

import t from 'tap'
import { labLines } from '../../../lab/lab-lines.js'
import { text } from '../../../src/core/message.js'
import { changeLines, listLines } from '../../../src/lines/change-lines.js'
import { updateDraft } from '../../../src/lines/draft-rows.js'
import { publishDraft } from '../../../src/lines/drafts/publish-draft.js'
import { readDraft } from '../../../src/lines/drafts/show-draft.js'
import { changeGroup } from '../../../src/lines/groups.js'
import { saveLines } from '../../../src/lines/save-lines.js'
import { person } from '../../support/data/actors.js'
import { told } from '../../support/data/told-events.js'
import { testConsole } from '../../support/processes/console.js'
import { FORM } from '../../support/processes/console-routes.js'

const settings = { CONSENTRY_RING_ENDPOINTS: 'PJSIP/anna=Анна, PJSIP/boris' }
const { app, deps, people } = await testConsole(t, {}, settings)
const { headers, actor } = await people('administrator')
const get = async (url: string) =>
  (await app.inject({ url, headers: { ...headers, 'accept-language': 'en' } })).body
const post = (url: string, fields: Record<string, string>) =>
  app.inject({
    ...{ method: 'POST', url, headers: { ...headers, ...FORM, 'accept-language': 'en' } },
    payload: new URLSearchParams(fields).toString(),
  })
const draftAt = (location: unknown) => readDraft(deps, String(location).slice('/drafts/'.length))
const english = labLines[1]!

t.test(
  'a name is a field of the line: typed in a draft, versioned, journalled, shown beside the number',
  async t => {
    await changeLines(deps, person('anna'), { ...english, number: '500' })
    const { headers: begun } = await post('/lines/500/drafts', {})
    const draft = String(begun.location)
    await post(`${draft}/fields`, { revision: '1', field: 'name', value: ' Заказы ' })
    t.match(await get(draft), /<h1>Line 500 · Заказы<\/h1>/)
    await publishDraft(deps, actor, { draft: draft.slice('/drafts/'.length), revision: 2 })
    t.match(
      (await listLines(deps)).find(({ number }) => number === '500'),
      { version: 2, name: 'Заказы' },
    )
    const events = await told(deps.db)
      .select('data')
      .where('type', '=', 'line.changed')
      .orderBy('id')
      .execute()
    t.match(events.at(-1)?.data, { before: { version: 1 }, after: { version: 2, name: 'Заказы' } })
    t.match(await get('/lines'), /<b>500<\/b><\/a><div class="soft">Заказы</)
    const page = await get('/lines/500')
    t.match(page, /<h1>Line 500 · Заказы<\/h1>/)
    t.match(page, 'The line is called “Заказы”.', 'among the versions')
    t.match(await get(`/prompts/${english.disclosure}/en`), /500<\/a><span class="soft"> · Заказы/)
    const { headers: next } = await post('/lines/500/drafts', {})
    await post(`${next.location}/fields`, { revision: '1', field: 'name', value: '' })
    t.notOk('name' in ((await draftAt(next.location)).input as object), 'an empty name is none')
  },
)

t.test('the name is on the first page, and on those of a group and of a prompt', async t => {
  const [name, title] = ['Orders & <b>more', 'Orders &amp; &lt;b>more']
  await changeGroup(deps, person('anna'), { name: 'orders', input: { waitMs: 6_000 } })
  const { waitMs: _, ...own } = english
  await changeLines(deps, person('anna'), { ...own, number: '505', group: 'orders', name })
  const link = `505</a><span class="soft"> · ${title}`
  t.match(await get('/lines/groups/orders'), link)
  t.match(await get('/lines/groups'), `505 (“${title}”)`)
  const preview = await post('/lines/groups/orders/preview', { seen: '1', waitMs: '8' })
  t.match(preview.body, `Line 505 · ${title}`)
  const { headers: begun } = await post('/lines/505/drafts', {})
  await post(`${begun.location}/fields`, { revision: '1', field: 'name', value: 'Complaints' })
  t.match(await get(`/prompts/${english.disclosure}/en`), 'draft of line 505 (“Complaints”)')
  const draft = await draftAt(begun.location)
  await updateDraft(deps.db, draft.id, {
    state: 'open',
    failure: { at: new Date(), reason: text`It is late.` },
  })
  t.match(await get('/now'), 'A draft of line 505 (“Complaints”) was not published at its time.')
  await saveLines(deps, actor, [{ ...english, number: '506', name, keys: { ...english.keys, yes: '5' } }])
  t.match(await get('/now'), `506</a><span class="soft"> · ${title}`, 'its prompts say another key')
})

t.test('a line is copied to another number, without its name, and stays in its group', async t => {
  await changeGroup(deps, person('anna'), { name: 'sales', input: { waitMs: 7_000 } })
  const { waitMs: _, ...own } = english
  await changeLines(deps, person('anna'), { ...own, number: '510', group: 'sales', name: 'Sales' })
  const { headers: begun } = await post('/lines/510/copy', { number: '+7 495 111-22-33' })
  const copy = await draftAt(begun.location)
  t.match(copy, { line: '+74951112233', base: 0, state: 'open', faults: [], name: null })
  t.match(copy.input, { number: '+74951112233', group: 'sales', disclosure: english.disclosure })
  t.notOk('name' in (copy.input as object))
  await publishDraft(deps, actor, { draft: copy.id, revision: 1 })
  t.match(
    (await listLines(deps)).find(({ number }) => number === '+74951112233'),
    { version: 1, waitMs: 7_000 },
  )
})

t.test('a copy to a number that is a line, or none, is refused at its field', async t => {
  const taken = await post('/lines/510/copy', { number: '500' })
  t.equal(taken.statusCode, 409)
  t.match(taken.body, 'Line 500 exists already')
  t.match(taken.body, /<input id="copy-number"[^>]*value="500"/)
  t.equal((await post('/lines/510/copy', { number: 'sales desk' })).statusCode, 422)
  t.equal((await post('/lines/599/copy', { number: '511' })).statusCode, 404)
})

t.test('a name has no control characters, and at most 60 characters', async t => {
  for (const name of ['x'.repeat(61), 'a\u0007b', 'a\u202eb', 5])
    await t.rejects(changeLines(deps, person('anna'), { ...english, number: '520', name }), {
      code: 'policy.invalid',
    })
})

t.test('phones are offered by their names', async t => {
  const { headers: begun } = await post('/lines/500/drafts', {})
  const page = await get(String(begun.location))
  t.match(page, /<option value="PJSIP\/anna"[^>]*>Анна</)
  t.match(page, /<option value="PJSIP\/boris"[^>]*>PJSIP\/boris</)
  t.match(await get(`${begun.location}?rung=PJSIP%2Fanna`), /Ringing Анна\.[^<]*<\/p>/)
})
