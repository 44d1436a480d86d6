// Real: the console's server, PostgreSQL with the console's role, the journal, flite, ffmpeg. Fake: none.
// Nobody types the values of a shipped prompt: its page takes them from the lines that use it.

import { readFileSync } from 'node:fs'
import t from 'tap'
import { labLines } from '../../../lab/lab-lines.js'
import { english } from '../../../src/core/message.js'
import { changeLines } from '../../../src/lines/change-lines.js'
import { beginDraft } from '../../../src/lines/drafts/edit-draft.js'
import { changeCompany } from '../../../src/lines/prompts/company.js'
import { promptVersions } from '../../../src/lines/prompts/find-prompts.js'
import { sayPrompt } from '../../../src/lines/prompts/make-prompts.js'
import { publishPrompt } from '../../../src/lines/prompts/publish-prompts.js'
import { saveLines } from '../../../src/lines/save-lines.js'
import { insertPrompt, readStoredMaster, selectPrompts } from '../../../src/prompts/stored-prompts.js'
import { person } from '../../support/data/actors.js'
import { spokenPath } from '../../support/data/hostile-sounds.js'
import { testConsole } from '../../support/processes/console.js'
import { FORM } from '../../support/processes/console-routes.js'
import { useVoices } from '../../support/processes/voices.js'

await useVoices()
const { app, deps, people } = await testConsole(t)
const { headers } = await people('administrator')
const key = { name: 'disclosure-key', language: 'en' } as const
const address = `/prompts/${key.name}/${key.language}`
const line = labLines.find(one => one.language === 'en' && one.mode === 'key')!

/** The unchanged words of the page, and the lines between which it lets choose. */
async function page(): Promise<{ template: string; lines: string[]; body: string }> {
  const { body } = await app.inject({ url: address, headers: { ...headers, 'accept-language': 'en' } })
  const template = /<textarea id="template"[^>]*>([^<]*)</.exec(body)![1]!
  const lines = [...body.matchAll(/as line (\w+) says it<\/option>/g)].map(([, number]) => number!)
  return { template, lines: [...new Set(lines)], body }
}
const speak = (fields: Record<string, string>) =>
  app.inject({
    ...{ method: 'POST', url: `${address}/speech`, headers: { ...headers, ...FORM } },
    payload: new URLSearchParams({ voice: 'flite/slt', ...fields }).toString(),
  })
const newest = async () => (await promptVersions(deps, key))[0]!

t.test('without a company, the page leads to where it is named', async t => {
  const refused = await speak({ template: 'This is {company}.', line: '' })
  t.equal(refused.statusCode, 422)
  t.match(refused.body, /role="alert"[\s\S]*href="\/setup\/company"/)
})

t.test('a shipped prompt is spoken and uploaded with its words unchanged', async t => {
  await changeCompany(deps, person('anna'), { name: 'Acme', language: 'en' })
  const { template, lines } = await page()
  t.match(template, '{company}')
  t.strictSame(lines, [], 'no line uses it, so none is asked for')
  t.equal((await speak({ template, line: '' })).statusCode, 303)
  t.match(await newest(), { how: 'speech', text: /^This is Acme\..* for thirty days\. .* press one\./ })
  const uploaded = await app.inject({
    ...{ method: 'POST', url: `/api/v1${address}/upload?how=upload` },
    ...{ headers: { ...headers, 'content-type': 'audio/wav' }, payload: readFileSync(spokenPath) },
  })
  t.equal(uploaded.statusCode, 201, uploaded.body)
  const { version, ...made } = await newest()
  t.match(made, { how: 'upload', says: { yes: '1', retentionDays: 30 } })
  const [warning] = (uploaded.json() as { warnings: string[] }).warnings
  t.match(warning, 'unusual for these words')
  const { body } = await app.inject({
    ...{ url: `${address}?made=${version}`, headers: { ...headers, 'accept-language': 'en' } },
  })
  t.match(body, `Version ${version} is saved as a draft`)
  t.match(body, warning!, 'the page to which the recorder leads shows it, too')
})

t.test('the field has the words of the latest draft, to go on with', async t => {
  const { template: inForce } = await page()
  const template = `${inForce} Thank you.`
  t.equal((await speak({ template, line: '' })).statusCode, 303)
  t.equal((await page()).template, template)
  const { body } = await page()
  t.match(body, /<button class="button" type="submit">\s*Speak/, 'publication is the deed now')
  const { version } = await newest()
  await app.inject({
    ...{ method: 'POST', url: `${address}/versions/${version}/discard`, headers: { ...headers, ...FORM } },
    payload: '',
  })
  t.equal((await page()).template, inForce, 'without a draft, those of the version in force')
})

t.test('words that cannot be spoken stay as they were typed', async t => {
  const refused = await app.inject({
    ...{
      method: 'POST',
      url: `${address}/speech`,
      headers: { ...headers, ...FORM, 'accept-language': 'en' },
    },
    payload: new URLSearchParams({
      voice: 'flite/kal',
      template: 'Say {nothing} of it.',
      line: '',
    }).toString(),
  })
  t.equal(refused.statusCode, 422)
  t.match(refused.body, /role="alert"[\s\S]*There is no variable/)
  t.match(refused.body, />Say \{nothing\} of it\.<\/textarea>/)
  t.match(refused.body, /maxlength="1500"/i, 'the field takes as much as words may have')
})

t.test('of several lines that differ the first one gives the values, or the one that is chosen', async t => {
  const [purpose] = line.purposes
  await saveLines(deps, person('anna'), [
    { ...line, number: '900', keys: { ...line.keys, yes: '5' } },
    { ...line, number: '901', purposes: [{ ...purpose!, retentionDays: 7 }] },
    { ...line, number: '902' },
    { ...line, number: '903' },
  ])
  const { template, lines, body } = await page()
  t.strictSame(lines, ['900', '901', '902'], 'lines that say the same stand once')
  t.match(body, 'recorder', 'the script has them too')
  t.equal((await speak({ template, line: '901' })).statusCode, 303)
  t.match(await newest(), { text: /for seven days/, says: { yes: '1', retentionDays: 7 } })
  t.equal((await speak({ template, line: '900' })).statusCode, 303)
  t.match(await newest(), { text: /press five/, says: { yes: '5', retentionDays: 30 } })
})

t.test('a draft that promises less says so', async t => {
  t.equal((await speak({ template: 'Word word word word word.', line: '' })).statusCode, 303)
  t.match(
    (await page()).body,
    /names how long recordings are kept, the key of a withdrawal, and this one does not/,
  )
})

t.test('a draft of a line warns of such a disclosure, refuses what is none, and offers neither', async t => {
  await publishPrompt(deps, person('anna'), { ...key, version: (await newest()).version })
  const vague = await beginDraft(deps, person('anna'), { line: '902' })
  t.match(vague.warnings.map(english).join('\n'), 'the prompt "disclosure-key" (en) names neither a term nor')
  t.strictSame(vague.faults, [])
  const input = { ...line, number: '902', disclosure: 'record-speak' }
  const { id, faults } = await beginDraft(deps, person('anna'), { line: '902', input })
  t.ok(faults.some(({ field, text }) => field === 'disclosure' && /is no disclosure/.test(english(text))))
  const { body } = await app.inject({ url: `/drafts/${id}?edit=disclosure`, headers })
  t.match(body, '<option value="disclosure-notice"')
  t.match(body, '<option value="record-speak" selected', 'what is chosen stays visible')
  t.notMatch(body, /<option value="(question|interrupted|granted|record-kept)"/)
})

t.test('a line in force whose disclosure discloses nothing is shown and told wherever one looks', async t => {
  const sentence = 'the prompt "disclosure-key" (en) names neither a term nor'
  const body = async (url: string, language = 'en') =>
    (await app.inject({ url, headers: { ...headers, 'accept-language': language } })).body.replaceAll(
      '&quot;',
      '"',
    )
  t.match(await body('/lines/902'), /The prompt "disclosure-key" \(en\) names neither a term nor/)
  t.match(await body('/lines/902', 'ru'), 'Фраза «disclosure-key» (en) не называет ни срока')
  t.match(await body('/now'), /names neither a term nor the key of a withdrawal.*href="\/lines\/902"/s)
  t.match(await body('/now', 'ru'), /не называет ни срока, ни клавиши отзыва.*href="\/lines\/902"/s)
  const { warnings } = await changeLines(deps, person('anna'), { ...line, number: '904' })
  t.match(warnings.map(english).join('\n'), sentence, 'line set')
  await saveLines(deps, person('anna'), [{ ...line, number: '905', keys: { ...line.keys, yes: '5' } }])
  t.match(
    await body('/lines/905'),
    /The prompt .{1,6}question.{1,6} says key 1 for yes, but this line takes 5/,
  )
  t.match(await body('/now'), /contradicts the line.*href="\/lines\/905"/s)
})

/** Presses a button of a page that was loaded before, by the words of the button. */
async function press(old: string, button: string) {
  const [, action, fields] = [
    ...old.matchAll(/<form[^>]* method="post" action="([^"]+)">(.*?)<\/form>/gs),
  ].find(([, , inner]) => inner!.includes(`>${button}<`))!
  const hidden = [...fields!.matchAll(/name="([^"]+)" value="([^"]*)"/g)].map(([, name, value]) => [
    name!,
    value!,
  ])
  return app.inject({
    ...{ method: 'POST', url: action!, headers: { ...headers, ...FORM, 'accept-language': 'en' } },
    payload: new URLSearchParams(hidden).toString(),
  })
}

t.test('buttons of a page that is out of date take nothing from callers', async t => {
  const own = { name: 'greeting', language: 'en' } as const
  const { prompt } = await sayPrompt(deps, person('anna'), { ...own, template: 'Thank you.', voice: 'slt' })
  const wav = await readStoredMaster(deps.db, prompt.sha256)
  /** A further draft with the same sound. */
  const draft = async (version: number) => {
    const [former] = await selectPrompts(deps.db, own)
    await insertPrompt(deps.db, { ...former!, version, wav })
  }
  const look = async () =>
    (
      await app.inject({
        url: `/prompts/${own.name}/${own.language}`,
        headers: { ...headers, 'accept-language': 'en' },
      })
    ).body
  const states = async () => (await promptVersions(deps, own)).map(({ state }) => state)
  const drafted = await look()
  t.equal((await press(drafted, 'Publish')).statusCode, 303)
  const refused = await press(drafted, 'Discard the draft')
  t.match(refused, { statusCode: 409, body: /Version 1 of greeting is in force now/ })
  t.strictSame(await states(), ['published'], 'callers go on hearing it')

  await draft(2)
  const second = await look()
  await draft(3)
  t.equal((await press(await look(), 'Publish')).statusCode, 303, 'the newest one stands first')
  t.match(await press(second, 'Publish'), {
    statusCode: 409,
    body: /another version of greeting is in force/i,
  })
  t.equal((await press(second, 'Discard the draft')).statusCode, 303)
  t.match(await press(second, 'Publish'), { statusCode: 409 }, 'nor what was discarded')
  t.strictSame(await states(), ['published', 'withdrawn', 'replaced'])

  const replaced = await look()
  t.equal((await press(replaced, 'Publish version 1 again')).statusCode, 303, 'a roll-back')
  t.strictSame(await states(), ['replaced', 'withdrawn', 'published'])
  t.match(await press(replaced, 'Withdraw the version'), {
    statusCode: 422,
    body: /Version 3 of greeting is not in force/,
  })
})

t.test('a prompt with a name of its own is begun like another one', async t => {
  const send = (url: string, fields: Record<string, string>) =>
    app.inject({
      ...{ method: 'POST', url, headers: { ...headers, ...FORM, 'accept-language': 'en' } },
      payload: new URLSearchParams(fields).toString(),
    })
  const wanted = { name: 'question-five', language: 'en', like: 'question' }
  const refused = await send('/prompts', { ...wanted, name: 'Question 5' })
  t.equal(refused.statusCode, 422)
  t.match(
    refused.body,
    /<input id="name"[^>]*value="Question 5"[^>]*\/><p class="wrong" id="name-wrong" role="alert">The name of a prompt/,
  )
  t.match(refused.body, /<option value="question" selected/)
  const begun = await send('/prompts', wanted)
  t.match(begun, { statusCode: 303, headers: { location: '/prompts/question-five/en?like=question' } })
  const { body } = await app.inject({ url: String(begun.headers.location), headers })
  const template = /<textarea id="template"[^>]*>([^<]*)</.exec(body)![1]!
  t.match(template, '{yes}')
  t.match(body, '<option value="900"', 'it can be said as a line whose key is five')
  t.equal((await app.inject({ url: '/prompts/question-five/en', headers })).statusCode, 404)
  const words = 'For yes, press {yes}.'
  const spoken = { template: words, voice: 'flite/slt', line: '900', like: 'question' }
  t.equal((await send('/prompts/question-five/en/speech', spoken)).statusCode, 303)
  t.match(await promptVersions(deps, { name: 'question-five', language: 'en' }), {
    length: 1,
    0: { version: 1, state: 'draft', text: /press five/, says: { yes: '5' } },
  })
})

t.test('a draft of a prompt that was never published is compared with the version that it names', async t => {
  const own = { name: 'disclosure-fresh', language: 'en' } as const
  const said = { ...own, voice: 'slt', values: { company: 'Acme', withdraw: '*9' } }
  await sayPrompt(deps, person('anna'), { ...said, like: key.name, template: 'It is recorded.' })
  await sayPrompt(deps, person('anna'), { ...said, template: 'To withdraw, press {withdraw}.' })
  const { body } = await app.inject({
    url: `/prompts/${own.name}/${own.language}`,
    headers: { ...headers, 'accept-language': 'en' },
  })
  t.match(body, 'Version 2 names the key of a withdrawal, and this one does not')
  t.notMatch(body, 'The version in force names')
  t.match(body, 'The words of version 2 stay.')
})
