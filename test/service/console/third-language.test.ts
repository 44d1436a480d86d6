// Real: the console, PostgreSQL, ffmpeg, espeak-ng, the command as a process. Fake: none.
// A language is added by a folder: pages, voices, uploads, lines and the choice of a language by key know it.
// Alone: its settings add a language to those of the process.
import { readFileSync } from 'node:fs'
import t from 'tap'
import { readDraft } from '../../../src/lines/drafts/show-draft.js'
import { findLines } from '../../../src/lines/line-rows.js'
import { changeCompany } from '../../../src/lines/prompts/company.js'
import { promptVersions } from '../../../src/lines/prompts/find-prompts.js'
import { matchEach } from '../../support/assertions/match-each.js'
import { person } from '../../support/data/actors.js'
import { german, germanFolder } from '../../support/data/german.js'
import { spokenPath } from '../../support/data/hostile-sounds.js'
import { consentryTogether } from '../../support/processes/commands-together.js'
import { testConsole } from '../../support/processes/console.js'
import { FORM } from '../../support/processes/console-routes.js'
import { useVoices } from '../../support/processes/voices.js'

await useVoices()
const CONSENTRY_LANGUAGES = await germanFolder(t)
const { app, deps, serviceUrl, people } = await testConsole(t, {}, { CONSENTRY_LANGUAGES })
const { headers } = await people('administrator')
const language = 'de'
await changeCompany(deps, person('anna'), { name: 'Muster GmbH', language })

const page = async (url: string, written = 'en'): Promise<string> =>
  (await app.inject({ url, headers: { ...headers, 'accept-language': written } })).body

/** Sends a form of a page. @returns the address that the answer leads to */
async function send(url: string, fields: Record<string, string | number>): Promise<string> {
  const payload = new URLSearchParams(Object.entries(fields).map(([name, value]) => [name, String(value)]))
  const request = {
    method: 'POST' as const,
    url,
    headers: { ...headers, ...FORM },
    payload: payload.toString(),
  }
  const { statusCode, body, headers: answered } = await app.inject(request)
  t.equal(statusCode, 303, `${url}: ${body.slice(-600)}`)
  return String(answered['location'])
}
const command = (...args: string[]) =>
  consentryTogether(
    {
      DATABASE_URL: serviceUrl,
      CONSENTRY_LANGUAGES,
      CONSENTRY_DATA: deps.config.data,
      CONSENTRY_FFMPEG: deps.config.ffmpeg,
    },
    ...args,
  )
const publish = (name: string) =>
  send(`/prompts/${name}/de/versions/1/publish`, { state: 'draft', inForce: 0 })

t.test('each form names the language', async t => {
  for (const [address, form] of [
    ['/lines', 'name="language"'],
    ['/prompts', 'name="language"'],
    ['/setup/company', 'name="language"'],
    ['/lines/groups/spoken', 'id="languages.de"'],
  ] as const) {
    const body = await page(address)
    t.match(body, form, address)
    t.match(body, /German/, address)
    t.match(await page(address, 'ru'), /немецк/i, address)
  }
  t.match(
    await page('/prompts'),
    /href="\/prompts\/disclosure-key\/de\?like=disclosure-key"[^>]*>German: not spoken yet/,
  )
})

t.test('prompts are spoken, and uploaded, from the words of the folder', async t => {
  const begun = await page('/prompts/question/de?like=question')
  t.match(begun, german.prompts.question)
  for (const name of ['disclosure-key', 'granted', 'withdrawn'] as const) {
    await send(`/prompts/${name}/de/speech`, {
      ...{ template: german.prompts[name], voice: 'espeak-ng/de', like: name, line: '' },
    })
    await publish(name)
  }
  const said = await command('prompt', 'say', 'question', '--lang', 'de')
  t.equal(said.code, 0, said.err)
  await publish('question')
  const uploaded = await app.inject({
    ...{ method: 'POST', url: '/api/v1/prompts/refused/de/upload?how=upload&like=refused' },
    ...{ headers: { ...headers, 'content-type': 'audio/wav' }, payload: readFileSync(spokenPath) },
  })
  t.equal(uploaded.statusCode, 201, uploaded.body)
  await publish('refused')
  matchEach(t, await promptVersions(deps, { name: 'disclosure-key', language }), [
    {
      ...{ state: 'published', engine: 'espeak-ng', voice: 'de' },
      text: /^Guten Tag, hier ist Muster GmbH\. .* bewahren es 30 Tage auf\. .* Stern, neun\.$/,
      says: { mode: 'key', yes: '1', no: '2', withdraw: '*9', retentionDays: 30, onRefused: 'served' },
    },
  ])
  matchEach(t, await promptVersions(deps, { name: 'refused', language }), [
    { how: 'upload', says: { answer: 'refused' } },
  ])
})

t.test('a line speaks it', async t => {
  const draft = (await send('/lines/new', { number: '700', language })).split('/').at(-1)!
  t.match(await page(`/drafts/${draft}`), /Guten Tag, hier ist Muster GmbH/)
  const { revision } = await readDraft(deps, draft)
  await send(`/drafts/${draft}/publish`, { revision })
  matchEach(t, await findLines(deps.db, ['700']), [
    { language, purposes: [{ legalBasis: german.legalBasis }], disclosure: 'disclosure-key' },
  ])
  t.match(await page('/lines/700'), /in German/)
  t.match(await page('/lines/700', 'ru'), /по-немецки/)
  t.match(await command('line', 'list'), { code: 0, out: /700.*de/ })
})

t.test('callers choose it by a key', async t => {
  t.match(await command('prompt', 'say', 'choose-language', '--lang', 'de'), { code: 0 })
  await publish('choose-language')
  const begun = await command('line', 'draft', 'new', '701', '--lang', 'en', '--json')
  t.equal(begun.code, 0, begun.err)
  const { id: draft, revision } = JSON.parse(begun.out) as { id: string; revision: number }
  await send(`/drafts/${draft}/fields`, { revision, field: 'languages', value: '', en: '2', de: '3' })
  const changed = await readDraft(deps, draft)
  t.match(changed.input, {
    languages: [
      { language: 'en', key: '2' },
      { language, key: '3' },
    ],
  })
  t.match(await page(`/drafts/${draft}`), /Für Deutsch drücken Sie drei\./)
  t.strictSame(changed.faults, [], 'its own prompts say what the line has')
})
