// Real: PostgreSQL, the journal, ffmpeg, flite. Fake: none.
import { readFileSync } from 'node:fs'
import t from 'tap'
import { labLines } from '../../../lab/lab-lines.js'
import { setCompany } from '../../../src/db/installation.js'
import { wherePrompt } from '../../../src/lines/prompts/find-prompts.js'
import { addPrompt, sayPrompt, wordsOf } from '../../../src/lines/prompts/make-prompts.js'
import { linesToSayFor } from '../../../src/lines/prompts/values-of-lines.js'
import { saveLines } from '../../../src/lines/save-lines.js'
import { person } from '../../support/data/actors.js'
import { spokenPath } from '../../support/data/hostile-sounds.js'
import { promptSetup } from '../../support/data/prompt-setup.js'
import { useVoices } from '../../support/processes/voices.js'

await useVoices()
const { deps } = await promptSetup(t)
const anna = person('anna')
const disclosure = { name: 'disclosure-key', language: 'en' } as const
const template =
  'This is {company}. We keep it for {days}. Yes: {yes}. No: {no}. To withdraw, press {withdraw}.'

/** What names the lines as which the prompt can be said. */
const numbers = async (words: string) => (await linesToSayFor(deps.db, disclosure, words)).map(({ id }) => id)

t.test('without a company, a shipped prompt says what to do first', async t => {
  await t.rejects(wordsOf(deps, disclosure), { message: /^\{company\} has no value: set the name/ })
})

t.test('without a line that uses it, a shipped prompt is said with the values of a new line', async t => {
  await setCompany(deps.db, { name: 'Acme', language: 'en' })
  const { prompt } = await sayPrompt(deps, anna, { ...disclosure, engine: 'flite' })
  t.match(prompt, {
    text: /^This is Acme\..* for thirty days\. To agree, press one\. .*, press star nine at any time\.$/,
    says: { mode: 'key', yes: '1', no: '2', withdraw: '*9', retentionDays: 30 },
  })
  for (const language of ['ru', 'en'])
    await t.resolves(wordsOf(deps, { name: 'choose-language', language }), `${language} has a key of its own`)
})

t.test('a line that uses a prompt gives the values', async t => {
  const usual = labLines.find(line => line.language === 'en' && line.mode === 'key')!
  const [purpose] = usual.purposes
  const other = { ...usual.keys, yes: '5', no: '6' }
  await saveLines(deps, anna, [
    { ...usual, number: '900', keys: other, purposes: [{ ...purpose!, retentionDays: 7 }] },
    { ...usual, number: '901', keys: other, purposes: [{ ...purpose!, retentionDays: 7 }] },
    { ...usual, number: '902', company: 'Daisy' },
    { ...usual, number: '903', language: 'ru', languages: [{ language: 'en', key: '4' }] },
  ])
  const notice = { name: 'refused', language: 'en', sound: readFileSync(spokenPath), how: 'upload' } as const
  t.match(await addPrompt(deps, anna, { ...notice, template: 'Yes is {yes}. Recorded by {company}.' }), {
    prompt: { text: 'Yes is five. Recorded by Acme.', says: { yes: '5' } },
  })
  const say = async (line: string) => (await wordsOf(deps, { ...disclosure, template, line })).words.text
  t.match(await say('900'), /This is Acme\. We keep it for seven days\. Yes: five\./)
  t.match(await say('902'), /This is Daisy\. We keep it for thirty days\. Yes: one\./)
  t.strictSame(await numbers(template), ['900', '902', '903'], 'one for each way in which the words come out')
  t.strictSame(await numbers('Yes: {yes}.'), ['900', '902'])
  t.strictSame(
    (await wherePrompt(deps, disclosure)).lines.map(({ number }) => number),
    ['900', '901', '902', '903'],
    'a line that offers the language uses the prompt too',
  )
})
