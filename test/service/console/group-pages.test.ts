// Real: the console's server without a socket, PostgreSQL with the console's role, the journal, stores. Fake: none.
import t from 'tap'
import { labLines } from '../../../lab/lab-lines.js'
import { changeLines, listLines } from '../../../src/lines/change-lines.js'
import { beginDraft } from '../../../src/lines/drafts/edit-draft.js'
import { draftInEnglish, readDraft } from '../../../src/lines/drafts/show-draft.js'
import { changeGroup, readGroup } from '../../../src/lines/groups.js'
import { type GroupFields, groupSchema } from '../../../src/lines/validate.js'
import { person } from '../../support/data/actors.js'
import { testConsole } from '../../support/processes/console.js'
import { FORM } from '../../support/processes/console-routes.js'

const { app, deps, people, tokens } = await testConsole(t)
const anna = person('anna')
const boss = await people('administrator')
const { number: _, ...shared } = labLines[1]!
const lineOf = async (number: string) => (await listLines(deps)).find(one => one.number === number)

const page = (url: string) => app.inject({ url, headers: { ...boss.headers, accept: 'text/html' } })
const send = (url: string, fields: Record<string, string>) =>
  app.inject({
    ...{ method: 'POST', url, headers: { ...boss.headers, ...FORM } },
    payload: new URLSearchParams(fields).toString(),
  })
const hidden = (body: string, name: string): string =>
  (new RegExp(`name="${name}" value="([^"]*)"`).exec(body)?.[1] ?? '')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&')

t.test('a group is set by a form, after it showed which lines change and how', async t => {
  t.match(await send('/lines/groups', { name: 'sales' }), {
    statusCode: 303,
    headers: { location: '/lines/groups/sales' },
  })
  t.equal((await send('/lines/groups', { name: 'Sales!' })).statusCode, 422)
  t.match(await page('/lines/groups/sales'), { statusCode: 200, body: /A new group/ })
  await changeGroup(deps, anna, { name: 'sales', input: shared })
  await changeLines(deps, anna, [
    { number: '700', group: 'sales' },
    { number: '701', group: 'sales', waitMs: 6_000 },
  ])
  const form = {
    ...{ language: shared.language, mode: shared.mode, disclosure: shared.disclosure, waitMs: '3,5' },
    ...{ retries: '0', onRefused: 'transfer', 'onRefused.context': 'desk', 'onRefused.extension': '9' },
    'purposes.0.purpose': 'service',
    'purposes.0.retentionDays': '30',
    'purposes.0.legalBasis': 'Consent',
    'purposes.0.prompts.question': shared.purposes[0]!.prompts.question,
    'purposes.0.prompts.granted': shared.purposes[0]!.prompts.granted,
    'purposes.0.prompts.refused': shared.purposes[0]!.prompts.refused,
    ...{ 'purposes.1.purpose': ' ', 'purposes.1.legalBasis': 'of no purpose', company: '' },
  }
  const shown = await send('/lines/groups/sales/preview', form)
  t.equal(shown.statusCode, 200, shown.body)
  t.match(shown.body, /Line 700[\s\S]*3.5 seconds to answer[\s\S]*Line 701/)
  t.match(await readGroup(deps, 'sales'), { version: 1 }, 'nothing is saved yet')

  const tooShort = await app.inject({
    ...{ method: 'POST', url: '/lines/groups/sales/preview' },
    headers: { ...boss.headers, ...FORM, 'accept-language': 'ru' },
    payload: new URLSearchParams({ ...form, waitMs: '0,1' }).toString(),
  })
  t.match(tooShort, { statusCode: 422, body: /Сколько ждать ответа, с: Слишком мало: нужно не меньше 1 с/ })
  t.match(
    (await send('/lines/groups/sales/preview', { ...form, waitMs: '0,1' })).body,
    'Wait for the answer, s: Must be at least 1 s.',
  )

  const [seen, input] = [hidden(shown.body, 'seen'), hidden(shown.body, 'input')]
  const done = await send('/lines/groups/sales', { seen, input })
  t.equal(done.statusCode, 303)
  const looked = await page(String(done.headers.location))
  t.match(
    looked,
    { statusCode: 200, body: /Done, with a warning/ },
    'this console has no keys to record with',
  )
  t.match(await lineOf('700'), { version: 2, waitMs: 3_500, onRefused: { do: 'transfer', context: 'desk' } })
  t.match(await lineOf('701'), { version: 2, waitMs: 6_000, purposes: { length: 1 } })
  await send('/lines/groups/sales/preview', form)
  const stale = await send('/lines/groups/sales', { seen, input })
  t.match(stale, { statusCode: 409, body: /has changed the group meanwhile/ })
  t.equal((await send('/lines/groups/sales', { seen: '2', input: 'none' })).statusCode, 422)

  const wrong = await send('/lines/groups/sales/preview', { ...form, waitMs: 'long', disclosure: '' })
  t.match(wrong, { statusCode: 422, body: /Wait for the answer, s: Must be a number/ })
  t.match(wrong.body, /value="long"/, 'what was typed is not lost')
  const none = await app.inject({ url: '/lines/groups/none', headers: { authorization: tokens.auditor } })
  t.equal(none.statusCode, 404, 'whoever may not change finds no group that is none')
})

t.test('a line of a group says where its values come from, and takes them from it', async t => {
  const { body } = await page('/lines/701')
  t.match(body, /data-from="sales">comes from the group</)
  t.match(body, /data-from="sales">30 days</)
  t.match(body, /<span class="value">6 s<\/span>/, 'its own')
  const { id } = await beginDraft(deps, anna, { line: '701' })
  const draft = () => readDraft(deps, id)
  const step = async (way: string, fields: object) => {
    const answer = await send(`/drafts/${id}/${way}`, {
      revision: String((await draft()).revision),
      ...fields,
    })
    t.equal(answer.statusCode, 303, answer.body)
  }
  t.match((await page(`/drafts/${id}?edit=waitMs`)).body, /Take it from the group/)
  t.match((await page(`/drafts/${id}?edit=retries`)).body, /It comes from the group sales/)
  await step('fields', { field: 'retries', value: '2' })
  await step('fields', { field: 'purposes.0.legalBasis', value: 'A contract' })
  t.match(await draft(), { input: { retries: 2, purposes: { 0: { legalBasis: 'A contract' } } } })
  await step('inherit', { field: 'waitMs' })
  await step('inherit', { field: 'purposes.service.legalBasis' })
  t.strictSame((await draft()).input, {
    ...{ number: '701', group: 'sales', retries: 2, purposes: [{ purpose: 'service' }] },
  })
  await step('inherit-all', { group: 'sales' })
  t.strictSame((await draft()).input, { number: '701', group: 'sales' })
  t.match(await draft(), { faults: [], differences: { length: 1, 0: { field: 'waitMs', after: 3_500 } } })

  await step('group', { group: '' })
  t.match(await draft(), { faults: [], differences: { length: 1 } }, 'one that leaves keeps its values')
  t.notOk('group' in ((await draft()).input as object))
  await step('group', { group: 'sales' })
  t.match(await draft(), { faults: [], input: { group: 'sales', waitMs: 3_500 } })
})

t.test('a line refuses to keep answers where its group keeps them, and takes that back', async t => {
  const { number: _, ...speaking } = labLines.find(({ mode }) => mode === 'voice-or-key')!
  const voice = { ...speaking.voice, keepAnswer: { legalBasis: 'proof' } }
  await changeGroup(deps, anna, { name: 'keeping', input: { ...speaking, voice } })
  await changeLines(deps, anna, [{ number: '702', group: 'keeping' }])
  const { id } = await beginDraft(deps, anna, { line: '702' })
  const field = 'voice.keepAnswer.legalBasis'
  const step = async (way: string, fields: object) => {
    const { revision } = await readDraft(deps, id)
    t.equal(
      (await send(`/drafts/${id}/${way}`, { revision: String(revision), field, ...fields })).statusCode,
      303,
    )
    return readDraft(deps, id)
  }
  const own = { number: '702', group: 'keeping' }
  t.match(await step('fields', { value: '' }), {
    ...{ input: { ...own, voice: { keepAnswer: false } }, faults: [] },
    differences: [{ field: 'voice.keepAnswer', after: false }, { field, after: undefined }, {}],
  })
  t.match((await page(`/drafts/${id}?edit=${field}`)).body, /Take it from the group/)
  t.strictSame((await step('inherit', {})).input, own)
  t.strictSame((await step('fields', { value: 'a duty' })).input, {
    ...own,
    voice: { keepAnswer: { legalBasis: 'a duty' } },
  })
})

t.test('a line of another company is not published with words of this one', async t => {
  await changeLines(deps, anna, { ...labLines[1]!, number: '710' })
  const { id } = await beginDraft(deps, anna, { line: '710' })
  await send(`/drafts/${id}/fields`, { revision: '1', field: 'company', value: 'Daisy Ltd' })
  t.match(draftInEnglish(await readDraft(deps, id)), {
    faults: [{ field: 'company', message: /names another company/ }],
  })
  t.equal((await send(`/drafts/${id}/publish`, { revision: '2' })).statusCode, 422)
  await send(`/drafts/${id}/fields`, { revision: '2', field: 'company', value: '' })
  t.match(draftInEnglish(await readDraft(deps, id)), { faults: [], differences: [] })
  await t.rejects(changeGroup(deps, anna, { name: 'sales', input: { ...shared, company: 'Daisy Ltd' } }), {
    message: /line 700, company: .* names another company/,
  })
})

/** What a browser sends of a form that nobody has touched. */
function untouched(body: string): Record<string, string> {
  const form = /<form method="post" action="[^"]*\/preview".*?<\/form>/s.exec(body)![0]
  const of = (tag: string, name: string) => new RegExp(` ${name}="([^"]*)"`).exec(tag)?.[1] ?? ''
  const inputs = [...form.matchAll(/<input [^>]*>/g)].map(([tag]) => [of(tag, 'name'), of(tag, 'value')])
  const selects = [...form.matchAll(/(<select [^>]*>)(.*?)<\/select>/gs)].map(([, tag, options]) => [
    of(tag!, 'name'),
    of(/<option [^>]*selected[^>]*>/.exec(options!)?.[0] ?? '', 'value'),
  ])
  return Object.fromEntries([...inputs, ...selects])
}

t.test('a form that nobody has touched keeps each field of the group', async t => {
  const whole: GroupFields = {
    ...shared,
    ...{ company: 'Acme', bargeIn: false, waitMs: 3_500, retries: 0, onWithdraw: 'keep', pauseMaxMs: 90_000 },
    ...{ onSilent: { do: 'hangup' }, onFailed: { do: 'continue' } },
    onRefused: { do: 'transfer', context: 'desk', extension: '9', priority: 2 },
    languages: [
      { language: 'ru', key: '1' },
      { language: 'en', key: '2' },
    ],
    ...{
      disclosure: 'gone',
      minHeardMs: 4_000,
      onOutsider: 'own-side' as const,
      outsiderDisclosure: 'disclosure-joined',
      onHold: 'pause' as const,
      askKeys: '*8',
    },
    voice: { engine: 'vosk', threshold: 0.8, weak: 'key', keyAfterYes: true, experimental: false },
    purposes: [
      { ...shared.purposes[0]!, retentionDays: 60, longerBecause: 'A contract' },
      { purpose: 'training' },
    ],
  }
  t.strictSame(Object.keys(whole).sort(), Object.keys(groupSchema.shape).sort(), 'each field of groups')
  for (const [name, input] of Object.entries({ whole, none: {}, few: { waitMs: 2_000, languages: [] } })) {
    await changeGroup(deps, anna, { name, input })
    const form = untouched((await page(`/lines/groups/${name}`)).body)
    const shown = await send(`/lines/groups/${name}/preview`, form)
    t.equal(shown.statusCode, 200, shown.body)
    t.strictSame(JSON.parse(hidden(shown.body, 'input')), input, name)
  }
  const form = untouched((await page('/lines/groups/whole')).body)
  const cleared = { ...form, 'languages.ru': '', 'languages.en': '' }
  const { body } = await send('/lines/groups/whole/preview', cleared)
  t.notOk('languages' in JSON.parse(hidden(body, 'input')), 'a choice of language is removed')

  await changeGroup(deps, anna, { name: 'whole', input: { ...whole, waitMs: 9_000 } })
  const stale = await send('/lines/groups/whole/preview', form)
  t.match(
    stale,
    { statusCode: 409, body: /has changed the group meanwhile/ },
    'nor undoes what somebody else did',
  )
})
