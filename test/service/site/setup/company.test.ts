// Real: PostgreSQL with the console's role, the journal, the console's server, a voice, ffmpeg. Fake: none.
// The company's name is one setting of the installation, and new prompts say it.
import t from 'tap'
import { changeCompany, readCompany } from '../../../../src/lines/prompts/company.js'
import { promptVersions } from '../../../../src/lines/prompts/find-prompts.js'
import { sayPrompt } from '../../../../src/lines/prompts/make-prompts.js'
import { nameCompany, promptsWithOldName } from '../../../../src/lines/prompts/name-company.js'
import { publishPrompt } from '../../../../src/lines/prompts/publish-prompts.js'
import { changeTrial } from '../../../../src/site/progress.js'
import { person } from '../../../support/data/actors.js'
import { told } from '../../../support/data/told-events.js'
import { duringEntry, waiting } from '../../../support/processes/at-once.js'
import { consentryTogether } from '../../../support/processes/commands-together.js'
import { testConsole } from '../../../support/processes/console.js'
import { FORM } from '../../../support/processes/console-routes.js'
import { useVoices } from '../../../support/processes/voices.js'

const anna = person('anna')
const OPERATOR = JSON.stringify({ name: 'Operator Ltd', address: 'Main Street 1' })
await useVoices()
const { deps, app, people, serviceUrl } = await testConsole(t, {}, { CONSENTRY_OPERATOR: OPERATOR })

t.test('it is set, journalled with its actor, and is the operator by default', async t => {
  t.match(await readCompany(deps), { name: 'Operator Ltd', byDefault: true, language: undefined })
  await changeCompany(deps, anna, { name: '  Acme \n Ltd ', language: 'en' })
  t.match(await readCompany(deps), { name: 'Acme Ltd', byDefault: false, language: 'en' })
  await changeCompany(deps, anna, { name: 'Acme Ltd', language: 'en' })
  const journalled = await told(deps.db).select('data').where('type', '=', 'company.changed').execute()
  t.strictSame(
    journalled.map(({ data }) => data),
    [
      {
        ...{ by: 'anna', way: 'command' },
        ...{ before: { name: null, language: null }, after: { name: 'Acme Ltd', language: 'en' } },
      },
    ],
    'a change that changes nothing is none',
  )
})

t.test('a name that cannot be spoken is refused', async t => {
  for (const name of ['', ' ', '{company}', '<b>', 'x'.repeat(101), 'a\u0007'])
    await t.rejects(changeCompany(deps, anna, { name, language: 'en' }), { code: 'request.invalid' }, name)
  t.match(await readCompany(deps), { name: 'Acme Ltd' })
})

t.test(
  'new prompts say it, whatever the version before said, and all can be spoken again at once',
  async t => {
    const key = { name: 'disclosure-key', language: 'en' } as const
    const values = { company: 'Another', days: 30, yes: '1', no: '2', withdraw: '*9' }
    const { prompt: former } = await sayPrompt(deps, anna, { ...key, values })
    await publishPrompt(deps, anna, { ...key, version: former.version })
    const { prompt } = await sayPrompt(deps, anna, key)
    t.match(prompt.text, /^This is Acme Ltd\./)
    const old = await promptsWithOldName(deps, 'en')
    t.ok(old.length >= 2)
    for (const { name, says } of old) t.equal(says, name === key.name ? 'Another' : null)
    t.equal(await nameCompany(deps, anna, 'en'), old.length)
    t.strictSame(await promptsWithOldName(deps, 'en'), [])
    t.equal(await nameCompany(deps, anna, 'en'), 0)
  },
)

t.test('words that somebody publishes while the company is spoken stay in force', async t => {
  const key = { name: 'disclosure-key', language: 'en' } as const
  await changeCompany(deps, anna, { name: 'Borealis', language: 'en' })
  const { prompt: draft } = await sayPrompt(deps, anna, key)
  const template = `${draft.template} Thank you.`
  const { prompt: better } = await sayPrompt(deps, anna, { ...key, template })
  let publishing: Promise<unknown> | undefined
  const publishesMeanwhile = duringEntry(deps, async () => {
    if (publishing) return
    publishing = publishPrompt(deps, person('boris'), { ...key, version: better.version })
    await waiting(deps.db, 1)
  })
  await t.rejects(nameCompany(publishesMeanwhile, anna, 'en', [key.name]), { code: 'request.conflict' })
  await publishing
  const inForce = (await promptVersions(deps, key)).find(one => one.inForce)
  t.equal(inForce?.version, better.version)
})

t.test('it stands in the head of pages, as text', async t => {
  await changeCompany(deps, anna, { name: 'Tom & "Jerry"', language: 'en' })
  const { headers } = await people('operator')
  const { body } = await app.inject({ url: '/now', headers })
  t.match(body, /Tom &amp; &quot;Jerry/)
  const alone = await app.inject({ url: '/sign-in' })
  t.notMatch(alone.body, /Jerry/, 'strangers do not see it')
})

t.test('the command shows it and sets it', async t => {
  const env = { DATABASE_URL: serviceUrl, CONSENTRY_DATA: deps.config.data }
  t.match(await consentryTogether(env, 'company', 'Юг & Ко', '--lang', 'ru', '--by', 'anna'), { code: 0 })
  t.match(await consentryTogether(env, 'company'), { code: 0, out: /^Юг & Ко, language ru\n/ })
  const shown = await consentryTogether(env, 'company', '--json')
  t.strictSame(JSON.parse(shown.out), { name: 'Юг & Ко', byDefault: false, language: 'ru', trial: true })
  t.match(await consentryTogether(env, 'company', 'Acme'), { code: 2, err: /--lang/ })
  t.match(await consentryTogether(env, 'company', '{x}', '--lang', 'ru'), { code: 1, err: /braces/ })
})

t.test('the page refuses a name at its field, and keeps the one before', async t => {
  const { headers } = await people('administrator')
  const send = (company: string) =>
    app.inject({
      ...{ method: 'POST', url: '/setup/company', headers: { ...headers, ...FORM } },
      payload: new URLSearchParams({ company, language: 'en' }).toString(),
    })
  const refused = await send('{x}')
  t.equal(refused.statusCode, 422)
  t.match(refused.body, /role="alert"/)
  t.match(refused.body, /id="company"[^>]*value="\{x\}"/, 'what was typed stays in its field')
  const russian = await app.inject({
    ...{ method: 'POST', url: '/setup/company' },
    headers: { ...headers, ...FORM, 'accept-language': 'ru' },
    payload: new URLSearchParams({ company: '<b>', language: 'en' }).toString(),
  })
  t.match(russian.body, /role="alert"[\s\S]*[А-я]{4}/)
  t.notMatch(russian.body, 'Give the company')
  t.match(await readCompany(deps), { name: 'Юг & Ко' })
  t.match(await send('South & Co'), { statusCode: 303, headers: { location: '/setup/company' } })
  t.match(await readCompany(deps), { name: 'South & Co', language: 'en' })
})

t.test('a name that is set is shown, and its form is opened by Change', async t => {
  const { headers } = await people('administrator')
  const open = async () =>
    (await app.inject({ url: '/setup/company', headers: { ...headers, 'accept-language': 'en' } })).body
  t.match(await open(), /South &amp; Co[\s\S]*<details>\s*<summary>Change<\/summary>[\s\S]*>\s*Save\s*</)
  const reader = await people('auditor')
  const read = await app.inject({ url: '/setup/company', headers: { ...reader.headers } })
  t.match(read.body, 'South &amp; Co')
  t.notMatch(read.body, 'action="/setup/company"', 'who may not change it has no form')
})

t.test('a trial is offered only while prompts name another company', async t => {
  await changeTrial(deps, anna, false)
  const { headers } = await people('administrator')
  const open = async () =>
    (await app.inject({ url: '/setup/company', headers: { ...headers, 'accept-language': 'en' } })).body
  const before = await open()
  t.match(before, 'name="trial" value="yes"')
  t.match(before, />First prompt: disclosure-key</, 'a prompt is listed with its place')
  await nameCompany(deps, anna, 'en')
  t.notMatch(await open(), 'name="trial"')
  await changeTrial(deps, anna, true)
  t.match(await open(), 'name="trial" value="no"', 'a trial can be ended')
})
