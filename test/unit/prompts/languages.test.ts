// Real: languages read from folders, the schema of lines, words with variables. Fake: none.
// Alone: it sets the languages of the process.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { english } from '../../../src/core/message.js'
import { describeLanguage, languages, useLanguages } from '../../../src/languages/languages.js'
import { checkLine } from '../../../src/lines/validate.js'
import { asksForSpeech } from '../../../src/prompts/contradictions.js'
import { renderWords } from '../../../src/prompts/words/variables.js'
import { matchEach } from '../../support/assertions/match-each.js'
import { german, germanFolder } from '../../support/data/german.js'

const line = {
  ...{ number: '700', language: 'de', mode: 'key', disclosure: 'disclosure-key' },
  purposes: [
    {
      ...{ purpose: 'service', retentionDays: 30, legalBasis: german.legalBasis },
      prompts: { question: 'question', granted: 'granted', refused: 'refused' },
    },
  ],
}

t.test('the shipped languages are two', async t => {
  t.strictSame(languages(), ['ru', 'en'])
  const [fault, ...others] = checkLine(line).faults
  t.strictSame(fault!.path, ['language'])
  t.equal(english(fault!.text), 'must be a language with a folder of its own: ru or en')
  t.strictSame(others, [])
})

t.test('a folder adds a language', async t => {
  useLanguages(await germanFolder(t))
  t.strictSame(languages(), ['ru', 'en', 'de'])
  t.strictSame(checkLine(line).faults, [])
  matchEach(t, checkLine({ ...line, mode: 'voice-or-key' }).faults, [
    { path: ['voice', 'engine'] },
    { path: ['mode'] },
  ])

  const values = { company: 'Muster GmbH', days: 1, withdraw: '*9', yes: '1', no: '2' }
  const said = renderWords(german.prompts['disclosure-key'], values, 'de')
  t.match(said.text, /Muster GmbH.* bewahren es 1 Tag auf.* drücken Sie eins\..* drücken Sie Stern, neun\./)
  t.strictSame(said.says, { retentionDays: 1, yes: '1', no: '2', withdraw: '*9' })
  for (const [words, why] of [
    ['Drücken Sie die 1.', /"Drücken Sie die 1" names a key/],
    ['Drücken Sie die Taste Raute.', /names a key/],
    ['Wir bewahren es dreißig auf, 30 Tage.', /"30 Tage" names a term/],
  ] as const)
    t.throws(() => renderWords(words, values, 'de'), { message: why })
  t.ok(asksForSpeech('Bitte sagen Sie ja.', 'de'))
  t.notOk(asksForSpeech('Versagen Sie sich nichts.', 'de'))
})

t.test('a language of the folder replaces the shipped one of the same tag', async t => {
  const own = { ...german, legalBasis: 'Own basis' }
  useLanguages(t.testdir({ en: { 'language.json': JSON.stringify(own) } }))
  t.equal(describeLanguage('en').legalBasis, 'Own basis')
  t.not(describeLanguage('ru').legalBasis, 'Own basis', 'the other shipped language stays')
  useLanguages(undefined)
  t.not(describeLanguage('en').legalBasis, 'Own basis')
})

t.test('a folder that is malformed is refused, with its path', async t => {
  const folder = await germanFolder(t)
  writeFileSync(join(folder, 'de', 'language.json'), JSON.stringify({ ...german, keys: { '1': 'eins' } }))
  t.throws(() => useLanguages(folder), {
    code: 'config.invalid',
    message: /de\/language\.json is malformed: [\s\S]*keys/,
  })
  t.throws(() => useLanguages(t.testdir({ Deutsch: { 'language.json': '{}' } })), {
    message: /tag of a language/,
  })
  t.throws(() => useLanguages(join(folder, 'none')), { message: /^CONSENTRY_LANGUAGES: .* cannot be read$/ })
})
