// Real: PostgreSQL with the console's role, the journal, the console's server, the command, a voice, ffmpeg. Fake: one clock.
// No line comes into force while callers would hear the example company of the shipped prompts, unless somebody says that it is a trial.

import t from 'tap'
import { labLines } from '../../../../lab/lab-lines.js'
import { english as inEnglish } from '../../../../src/core/message.js'
import { changeLines } from '../../../../src/lines/change-lines.js'
import { beginDraft } from '../../../../src/lines/drafts/edit-draft.js'
import { publishDraft } from '../../../../src/lines/drafts/publish-draft.js'
import { publishDue } from '../../../../src/lines/drafts/publish-due.js'
import { scheduleDraft } from '../../../../src/lines/drafts/schedule-draft.js'
import { draftInEnglish, readDraft } from '../../../../src/lines/drafts/show-draft.js'
import { changeGroup } from '../../../../src/lines/groups.js'
import { restoreVersion } from '../../../../src/lines/line-versions.js'
import { newLine } from '../../../../src/lines/new-line.js'
import { changeCompany } from '../../../../src/lines/prompts/company.js'
import { namesToSpeak } from '../../../../src/lines/prompts/heard-names.js'
import { sayPrompt } from '../../../../src/lines/prompts/make-prompts.js'
import { nameCompany } from '../../../../src/lines/prompts/name-company.js'
import { publishPrompt, withdrawPrompt } from '../../../../src/lines/prompts/publish-prompts.js'
import { changeTrial } from '../../../../src/site/progress.js'
import { matchEach } from '../../../support/assertions/match-each.js'
import { person } from '../../../support/data/actors.js'
import { told } from '../../../support/data/told-events.js'
import { FakeClock } from '../../../support/fakes/fake-clock.js'
import { consentryTogether } from '../../../support/processes/commands-together.js'
import { testConsole } from '../../../support/processes/console.js'
import { FORM } from '../../../support/processes/console-routes.js'
import { useVoices } from '../../../support/processes/voices.js'

const anna = person('anna')
const ENGLISH = /names “Example Company”, which is an example[\s\S]*\/setup\/company/
const RUSSIAN = /names “Пример”, which is an example/
await useVoices()
const { app, deps, admin, people, serviceUrl } = await testConsole(t)
const { headers } = await people('administrator')
const [english, russian] = [labLines[1]!, labLines[0]!]
const refused = (message: RegExp) => ({ code: 'policy.invalid', message })
const shared = ({ number: _, ...rest }: (typeof labLines)[number]) => rest

t.before(async () => {
  await changeLines(deps, anna, [english, { ...english, waitMs: 4_000 }])
  await changeGroup(deps, anna, { name: 'sales', input: shared(english) })
  await changeLines(deps, anna, { number: '109', group: 'sales' })
  await changeTrial(deps, anna, false)
})

t.test('no way puts it into force: lines, groups, rolling back, drafts, their time', async t => {
  await t.rejects(changeLines(deps, anna, { ...english, number: '900' }), refused(ENGLISH))
  await t.rejects(changeLines(deps, anna, { ...russian, number: '900' }), refused(RUSSIAN))
  const input = { ...shared(english), retries: 2 }
  await t.rejects(changeGroup(deps, anna, { name: 'sales', input }), refused(ENGLISH))
  await t.rejects(restoreVersion(deps, anna, { number: english.number, version: 1 }), refused(ENGLISH))
  const {
    id: draft,
    revision,
    faults,
    examples,
  } = await beginDraft(deps, anna, {
    ...{ line: '900', input: newLine('900', 'en') },
  })
  t.strictSame(faults, [], 'it can be tried')
  matchEach(
    t,
    examples.map(({ path, text }) => ({ path, message: inEnglish(text) })),
    [{ path: 'disclosure', message: /“Example Company”/ }],
  )
  await t.rejects(publishDraft(deps, anna, { draft, revision }), refused(ENGLISH))
  const publishAt = new Date(deps.clock.now() + 60_000)
  await t.rejects(scheduleDraft(deps, anna, { draft, revision, publishAt }), refused(ENGLISH))
  await changeLines(deps, anna, { ...english, number: '901', mode: 'none' })
})

t.test('a draft that was given a time in a trial does not come into force after it', async t => {
  await changeTrial(deps, anna, true)
  const { id: draft, revision } = await beginDraft(deps, anna, { line: '902', input: newLine('902', 'ru') })
  const clock = new FakeClock(Date.now() - 60_000)
  await scheduleDraft({ ...deps, clock }, anna, { draft, revision, publishAt: new Date() })
  await changeTrial(deps, anna, false)
  // The service does it, with its own role.
  await publishDue({ ...deps, ...admin, day: { check: async () => undefined } })
  t.match(draftInEnglish(await readDraft(deps, draft)), { state: 'open', failure: { reason: RUSSIAN } })
})

t.test('the page of a draft says why, and where to name the company', async t => {
  const { id } = await beginDraft(deps, anna, { line: '903', input: newLine('903', 'ru') })
  const read = async (language: string) =>
    (await app.inject({ url: `/drafts/${id}`, headers: { ...headers, 'accept-language': language } })).body
  const page = await read('en')
  t.match(page, /cannot be published yet[\s\S]*“Пример”[\s\S]*href="\/setup\/company"/)
  t.notMatch(page, `/drafts/${id}/publish`)
  t.match(await read('ru'), /пока нельзя опубликовать[\s\S]*называет компанию «Пример», а это пример/)
})

t.test('a Russian visitor who rolls back is told in Russian', async t => {
  const answer = await app.inject({
    ...{ method: 'POST', url: `/lines/${english.number}/restore`, payload: 'version=1' },
    headers: { ...headers, ...FORM, 'accept-language': 'ru' },
  })
  t.equal(answer.statusCode, 422)
  t.match(answer.body, /называет компанию «Example Company», а это пример[\s\S]*Назовите компанию/)
})

t.test(
  'once the company is named, its own prompts come into force, in each language by themselves',
  async t => {
    await t.rejects(changeCompany(deps, anna, { name: 'Пример', language: 'ru' }), {
      code: 'request.invalid',
    })
    await t.rejects(changeCompany(deps, anna, { name: 'Example  Company', language: 'en' }), {
      code: 'request.invalid',
    })
    await changeCompany(deps, anna, { name: 'Example Company of Leeds', language: 'en' })
    await nameCompany(deps, anna, 'en')
    await changeLines(deps, anna, { ...english, number: '904' })
    await t.rejects(changeLines(deps, anna, { ...russian, number: '905' }), refused(RUSSIAN))
    const toSpeak = await namesToSpeak(deps, 'en')
    matchEach(
      t,
      toSpeak,
      [{ language: 'ru', old: [{ name: 'disclosure-key' }] }],
      'of the drafts that wait for it',
    )
    await nameCompany(deps, anna, 'ru')
    await changeLines(deps, anna, { ...russian, number: '905' })
  },
)

t.test('prompts of lines in force keep the company', async t => {
  const key = { name: 'disclosure-key', language: 'en' } as const
  const [inForce] = (await told(deps.db).select('data').where('type', '=', 'prompt.published').execute())
    .map(({ data }) => data as { prompt: string; language: string; version: number })
    .filter(({ prompt, language }) => prompt === key.name && language === key.language)
  await t.rejects(
    withdrawPrompt(deps, anna, { ...key, version: inForce!.version }),
    refused(/Example Company/),
  )
  const values = { company: 'Example Company', days: 30, yes: '1', no: '2', withdraw: '*9' }
  const { prompt } = await sayPrompt(deps, anna, { ...key, values })
  await t.rejects(publishPrompt(deps, anna, { ...key, version: prompt.version }), refused(/Example Company/))
})

t.test('somebody says that it is a trial, on the page or by the command, and the journal has it', async t => {
  const page = () => app.inject({ url: '/setup/company', headers: { ...headers, 'accept-language': 'en' } })
  t.notMatch((await page()).body, 'name="trial"', 'all prompts have the company of callers')
  await changeCompany(deps, anna, { name: 'Beta', language: 'en' })
  t.match((await page()).body, /name="trial" value="yes"/)
  const said = await app.inject({
    ...{ method: 'POST', url: '/setup/company/trial', headers: { ...headers, ...FORM } },
    payload: 'trial=yes',
  })
  t.match(said, { statusCode: 303, headers: { location: '/setup/company' } })
  t.match((await page()).body, /This is a trial[\s\S]*name="trial" value="no"/)
  await changeLines(deps, anna, { ...labLines[4]!, number: '906' })
  const env = { DATABASE_URL: serviceUrl, CONSENTRY_DATA: deps.config.data }
  t.match(await consentryTogether(env, 'company', '--end-trial', '--by', 'boris'), { code: 0 })
  t.match(await consentryTogether(env, 'company', '--trial', '--by', 'boris'), {
    ...{ code: 0, out: /This is a trial/ },
  })
  t.match(await consentryTogether(env, 'company', '--trial', '--end-trial'), { code: 2 })
  const rows = await told(deps.db).select('data').where('type', '=', 'company.trial-changed').execute()
  t.strictSame(
    rows.slice(-2).map(({ data }) => data),
    [
      { trial: false, by: 'boris', way: 'command' },
      { trial: true, by: 'boris', way: 'command' },
    ],
  )
})
