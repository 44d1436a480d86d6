// Real: the console's server, PostgreSQL with the console's role, the journal, flite, ffmpeg. Fake: none.
// Words can be made for a line that is not in force yet: its draft gives the keys and terms.
import t from 'tap'
import { labLines } from '../../../lab/lab-lines.js'
import { beginDraft } from '../../../src/lines/drafts/edit-draft.js'
import { changeCompany } from '../../../src/lines/prompts/company.js'
import { promptVersions } from '../../../src/lines/prompts/find-prompts.js'
import { wordsOf } from '../../../src/lines/prompts/make-prompts.js'
import { linesToSayFor } from '../../../src/lines/prompts/values-of-lines.js'
import { saveLines } from '../../../src/lines/save-lines.js'
import { person } from '../../support/data/actors.js'
import { consentry } from '../../support/processes/command.js'
import { testConsole } from '../../support/processes/console.js'
import { FORM } from '../../support/processes/console-routes.js'
import { ffmpeg } from '../../support/processes/ffmpeg.js'
import { useVoices } from '../../support/processes/voices.js'

await useVoices()
const { app, deps, people, serviceUrl } = await testConsole(t)
const { headers } = await people('administrator')
const anna = person('anna')
const usual = labLines.find(line => line.language === 'en' && line.mode === 'key')!
await changeCompany(deps, anna, { name: 'Acme', language: 'en' })
await saveLines(deps, anna, [
  { ...usual, number: '900', keys: { ...usual.keys, yes: '5' } },
  { ...usual, number: '902' },
])
const disclosure = { name: 'disclosure-key', language: 'en' } as const
const { number: _, ...input } = { ...usual, keys: { ...usual.keys, yes: '7' } }

/** What names the lines as which the prompt can be said. */
const found = async (wanted?: string) =>
  (await linesToSayFor(deps.db, disclosure, 'Yes: {yes}.', { wanted })).map(({ id }) => id)
const say = async (line: string) =>
  (
    await wordsOf(deps, {
      ...{ name: 'disclosure-own', language: 'en', template: 'Yes: {yes}.', like: 'disclosure-key' },
      line,
    })
  ).words
const open = async (url: string, language = 'en') =>
  (await app.inject({ url, headers: { ...headers, 'accept-language': language } })).body

t.test('a draft gives the values, too, before its line is in force', async t => {
  await t.rejects(say('950'), { code: 'not-found', message: /no line 950, and no draft of it/ })
  const { id } = await beginDraft(deps, anna, { line: '950', input })
  t.strictSame(await found(), ['900', '902', id], 'after the lines in force')
  t.strictSame(await found('950'), [id, '900', '902'], 'whoever asks for it finds it first')
  t.match(await say('950'), { text: 'Yes: seven.', says: { yes: '7' } }, 'by its number')
  t.match(await say(id), { says: { yes: '7' } }, 'by its id')

  const { id: other } = await beginDraft(deps, anna, { line: '900', input })
  t.match(await say('900'), { says: { yes: '5' } }, 'the line in force comes before its drafts')
  t.match(await say(other), { says: { yes: '7' } })

  const broken = { ...input, keys: { ...usual.keys, yes: 'seven' } }
  const { id: odd } = await beginDraft(deps, anna, { line: '951', input: broken })
  await t.rejects(say(odd), { code: 'request.invalid', message: /draft of line 951 has a key or a term/ })
  t.notOk((await found(odd)).includes(odd), 'a draft whose keys cannot be said is not offered')
})

t.test('the page of a prompt speaks for the draft from which somebody came', async t => {
  const { id } = await beginDraft(deps, anna, { line: '960', input })
  const own = `/prompts/disclosure-key-960/en?like=disclosure-key&line=${id}`
  const shared = await open(`/prompts/disclosure-key/en?line=${id}`)
  t.match(shared, `<option value="${id}" selected>as the draft of line 960 says it<`)
  t.match(shared, `href="${own.replaceAll('&', '&amp;')}">Begin disclosure-key-960<`)
  t.match(await open(`/prompts/disclosure-key/en?line=${id}`, 'ru'), 'как в черновике линии 960')
  const page = await open(own)
  t.match(page, `<option value="${id}" selected>as the draft of line 960 says it<`)
  t.match(page, `href="/drafts/${id}">Back to the draft of line 960<`)
  t.notMatch(page, 'Begin disclosure-key-960', 'it is the own one')

  const template = /<textarea id="template"[^>]*>([^<]*)</.exec(page)![1]!
  const spoken = await app.inject({
    ...{ method: 'POST', url: '/prompts/disclosure-key-960/en/speech', headers: { ...headers, ...FORM } },
    payload: new URLSearchParams({
      ...{ template, voice: 'flite/slt', like: 'disclosure-key', line: id, for: id },
    }).toString(),
  })
  t.match(spoken, { statusCode: 303, headers: { location: `/prompts/disclosure-key-960/en?line=${id}` } })
  t.match(await promptVersions(deps, { name: 'disclosure-key-960', language: 'en' }), {
    0: { text: /press seven/, says: { yes: '7', withdraw: '*9' } },
  })
})

t.test('the command speaks for a draft by the number of its line, or by its id', async t => {
  const env = {
    ...{ DATABASE_URL: serviceUrl, CONSENTRY_DATA: deps.config.data },
    ...{ CONSENTRY_FFMPEG: ffmpeg, PATH: process.env['PATH']! },
  }
  await beginDraft(deps, anna, { line: '970', input })
  const words = ['disclosure-key', '--lang', 'en', '--engine', 'flite', '--by', 'anna', '--json']
  const said = await consentry(env, 'prompt', 'say', ...words, '--line', '970')
  t.equal(said.code, 0, said.err)
  t.match(said.out, 'press seven')
  t.match(await consentry(env, 'prompt', 'say', ...words, '--line', '971'), {
    code: 1,
    err: /There is no line 971, and no draft of it/,
  })
})
