// Real: the comparison of words with lines. Fake: the prompts, of which only what they say is given.
import t from 'tap'
import { labLines } from '../../../lab/lab-lines.js'
import { english } from '../../../src/core/message.js'
import { validateLine } from '../../../src/lines/validate.js'
import {
  contradictions as contradictionsIn,
  missingPrompts as missingPromptsIn,
  type Words,
} from '../../../src/prompts/contradictions.js'
import { readManifest, shippedPromptFolder } from '../../../src/prompts/manifest.js'

const contradictions = (...given: Parameters<typeof contradictionsIn>) =>
  contradictionsIn(...given).map(english)
const missingPrompts = (...given: Parameters<typeof missingPromptsIn>) =>
  missingPromptsIn(...given).map(english)

const prompts: Words[] = [
  {
    name: 'hello',
    language: 'en',
    says: {
      ...{ mode: 'key', yes: '1', no: '2', withdraw: '*9', retentionDays: 30 },
      ...{ onWithdraw: 'destroy', onRefused: 'served' },
    },
  },
  { name: 'hello', language: 'ru', says: { yes: '5' } },
  { name: 'ask', language: 'en', says: { yes: '1', retentionDays: 30 } },
  { name: 'yes', language: 'en', says: { answer: 'granted' } },
  { name: 'no', language: 'en', says: { answer: 'refused', withdraw: '*9' } },
  { name: 'mute', language: 'en' },
  { name: 'withdrawn', language: 'en', says: { onWithdraw: 'destroy' } },
  { name: 'withdrawn-kept', language: 'en', says: { retentionDays: 30 } },
]
const purpose = {
  purpose: 'service',
  retentionDays: 30,
  legalBasis: 'consent',
  prompts: { question: 'mute', granted: 'mute', refused: 'mute' },
}
const line = { ...labLines[1]!, disclosure: 'hello', purposes: [purpose] }
const { keys } = line

t.test('a line that does what its callers hear is not contradicted', async t => {
  t.strictSame(contradictions(line, prompts), [])
})

t.test('every language that a line offers is compared, with the key that its prompt names', async t => {
  const languages = [
    { language: 'en' as const, key: '2' },
    { language: 'ru' as const, key: '3' },
  ]
  const offers: Words[] = (['en', 'ru'] as const).map(language => ({
    ...{ name: 'choose-language', language, says: { key: language === 'en' ? '2' : '1' } },
  }))
  t.strictSame(missingPrompts({ ...line, languages }, prompts).sort(), [
    'line 101, languages: there is no prompt "choose-language" in en',
    'line 101, languages: there is no prompt "choose-language" in ru',
    'line 101, onWithdraw: there is no prompt "withdrawn" in ru',
    ...['granted', 'question', 'refused'].map(
      role => `line 101, purposes.0.prompts.${role}: there is no prompt "mute" in ru`,
    ),
  ])
  t.strictSame(contradictions({ ...line, languages }, [...prompts, ...offers]), [
    'line 101, languages: the prompt "choose-language" says key 1 for this language, but this line takes 3',
    'line 101, keys.yes: the prompt "hello" says key 5 for yes, but this line takes 1',
  ])
})

t.test('each setting is compared, and the sentence names line, field, prompt and both values', async t => {
  const asking = (name: string) => ({ ...purpose, prompts: { ...purpose.prompts, question: name } })
  const training = { ...purpose, purpose: 'training', retentionDays: 20 }
  const cases: [change: object, path: string, told: string][] = [
    [{ keys: { ...keys, yes: '5' } }, 'keys.yes', '"hello" says key 1 for yes, but this line takes 5'],
    [{ keys: { ...keys, no: '3' } }, 'keys.no', '"hello" says key 2 for no, but this line takes 3'],
    [
      { keys: { ...keys, withdraw: '*8' } },
      'keys.withdraw',
      '"hello" says *9 to withdraw, but this line takes *8',
    ],
    [
      { onWithdraw: 'keep' },
      'onWithdraw',
      '"hello" says that a withdrawal destroys the recording, but on this line a withdrawal keeps the recording',
    ],
    [
      { onRefused: { do: 'hangup' } },
      'onRefused',
      '"hello" says that the call continues after a no, but on this line the call ends after a no',
    ],
    [
      { purposes: [purpose, training] },
      'purposes.1.retentionDays',
      '"hello" says 30 days, but this line keeps recordings for 20',
    ],
    [
      { disclosure: 'mute', purposes: [purpose, { ...asking('ask'), retentionDays: 20 }] },
      'purposes.1.retentionDays',
      '"ask" says 30 days, but this line keeps recordings for 20',
    ],
    [
      { purposes: [{ ...purpose, prompts: { ...purpose.prompts, granted: 'no' } }] },
      'purposes.0.prompts.granted',
      '"no" confirms a no, but this line has it after a yes',
    ],
    [
      { purposes: [{ ...purpose, prompts: { ...purpose.prompts, refused: 'yes' } }] },
      'purposes.0.prompts.refused',
      '"yes" confirms a yes, but this line has it after a no',
    ],
    [
      { disclosure: 'mute', onWithdraw: 'keep', purposes: [{ ...purpose, retentionDays: 20 }] },
      'purposes.0.retentionDays',
      '"withdrawn-kept" says 30 days, but this line keeps recordings for 20',
    ],
  ]
  for (const [change, path, told] of cases)
    t.strictSame(contradictions({ ...line, ...change }, prompts), [`line 101, ${path}: the prompt ${told}`])
})

t.test('a notice asks no question, which is told once, also of several languages', async t => {
  const told = ['line 101, mode: the prompt "hello" asks for a key, but this line only gives notice']
  t.strictSame(contradictions({ ...line, mode: 'notice' }, prompts), told)
  const languages = [
    { language: 'en' as const, key: '2' },
    { language: 'ru' as const, key: '3' },
  ]
  const both = [...prompts, ...prompts.map(one => ({ ...one, language: 'ru' as const }))]
  t.strictSame(contradictions({ ...line, mode: 'notice', languages }, both), told)
})

t.test('only the words that callers hear are compared, in the language of the line', async t => {
  const asks = { ...purpose, prompts: { question: 'ask', granted: 'ask', refused: 'no' } }
  const other = { ...line, disclosure: 'mute', purposes: [asks], keys: { ...keys, yes: '5', withdraw: '*8' } }
  t.equal(
    contradictions(other, prompts).length,
    2,
    'what is heard as question and as confirmation, once, and the confirmation of a no',
  )
  const notice = contradictions({ ...other, mode: 'notice' }, prompts)
  t.equal(notice.length, 1)
  t.match(notice[0], '"no"')
  t.strictSame(contradictions({ ...other, mode: 'none' }, prompts), [], 'nobody hears anything')
  const russian = { ...other, disclosure: 'hello', language: 'ru' as const, purposes: [] }
  t.strictSame(contradictions(russian, prompts), [], 'the Russian prompt says 5')
})

t.test('a prompt that callers hear must exist', async t => {
  t.strictSame(missingPrompts(line, prompts), [])
  const asks = { ...purpose, prompts: { question: 'a', granted: 'b', refused: 'c' } }
  const other = { ...line, disclosure: 'd', purposes: [asks] }
  const missing = (path: string, name: string) => `line 101, ${path}: there is no prompt "${name}" in en`
  t.strictSame(missingPrompts(other, prompts), [
    missing('disclosure', 'd'),
    missing('purposes.0.prompts.question', 'a'),
    missing('purposes.0.prompts.granted', 'b'),
    missing('purposes.0.prompts.refused', 'c'),
  ])
  t.strictSame(missingPrompts({ ...other, mode: 'notice' }, prompts), [
    missing('disclosure', 'd'),
    missing('purposes.0.prompts.refused', 'c'),
  ])
  const russian = missingPrompts({ ...line, language: 'ru', onWithdraw: 'keep' }, prompts)
  t.equal(russian.at(-1), 'line 101, onWithdraw: there is no prompt "withdrawn-kept" in ru')
  t.strictSame(missingPrompts({ ...other, mode: 'none' }, prompts), [])
  const joined = { ...line, onOutsider: 'ask' as const, outsiderDisclosure: 'e' }
  t.strictSame(missingPrompts(joined, prompts), [missing('outsiderDisclosure', 'e')])
  for (const unheard of [{ onOutsider: 'pause' }, { mode: 'notice' }] as const)
    t.strictSame(missingPrompts({ ...joined, ...unheard }, prompts), [], 'nobody hears it')
})

t.test('the shipped prompts by voice suit a line by voice alone, and those by key one by key', async t => {
  const shipped = await readManifest(shippedPromptFolder())
  const voice = {
    ...{ engine: 'vosk', threshold: 0.7, weak: 'confirm' },
    keyAfterYes: true,
    experimental: false,
  }
  for (const language of ['en', 'ru'] as const) {
    const of = (mode: string, disclosure: string, question: string, changes: object = {}) =>
      contradictions(
        validateLine({
          ...{ ...line, language, mode, disclosure, voice, ...changes },
          purposes: [{ ...purpose, prompts: { question, granted: 'granted', refused: 'refused' } }],
        }),
        shipped,
      )
    t.strictSame(of('voice-or-key', 'disclosure-voice', 'question-voice'), [], language)
    t.strictSame(of('voice-or-key', 'disclosure-purposes', 'question-voice-service'), [], language)
    t.strictSame(of('key', 'disclosure-key', 'question'), [], language)
    for (const mode of ['key', 'voice-or-key']) {
      const asks = mode === 'key' ? 'question' : 'question-voice'
      const joined = { onOutsider: 'ask', outsiderDisclosure: 'disclosure-joined' }
      t.strictSame(of(mode, 'disclosure-purposes', asks, joined), [], `${mode} in ${language}`)
    }
    t.strictSame(of('voice-or-key', 'disclosure-key', 'question-voice'), [
      'line 101, mode: the prompt "disclosure-key" asks for a key, but this line takes spoken answers, too',
    ])
    t.strictSame(of('voice-or-key', 'disclosure-voice', 'question'), [
      'line 101, purposes.0.prompts.question: the prompt "question" does not ask for a spoken answer, but this line takes spoken answers, too',
    ])
    t.strictSame(of('key', 'disclosure-voice', 'question-voice'), [
      'line 101, mode: the prompt "disclosure-voice" asks for a spoken answer, but this line asks for a key',
      'line 101, mode: the prompt "question-voice" asks for a spoken answer, but this line asks for a key',
    ])
  }
})

t.test('the words of a prompt that somebody made tell whether it asks for speech', async t => {
  const voice = {
    ...{ engine: 'vosk', threshold: 0.7, weak: 'key' },
    keyAfterYes: false,
    experimental: false,
  }
  const made = (text: string): Words[] => [
    ...prompts.map(one => ({ ...one, ...(one.name === 'mute' && { text: 'Thank you.' }) })),
    { name: 'ours', language: 'en', text },
    { name: 'question-by-key', language: 'en', says: { yes: '7' } },
  ]
  const of = (mode: string, text: string) =>
    contradictions(
      validateLine({
        ...{ ...line, mode, voice, disclosure: 'mute' },
        purposes: [{ ...purpose, prompts: { ...purpose.prompts, question: 'ours' } }],
      }),
      made(text),
    )
  const path = 'line 101, purposes.0.prompts.question'
  t.strictSame(of('key', 'Please say yes or no.'), [
    `${path}: the prompt "ours" asks for a spoken answer, but this line asks for a key`,
  ])
  t.strictSame(of('key', 'Do you agree? Press 1.'), [])
  t.strictSame(of('voice-or-key', 'Do you agree? Press 1.'), [
    `${path}: the prompt "ours" does not ask for a spoken answer, but this line takes spoken answers, too`,
    'line 101, keys.yes: the prompt "question-by-key" says key 7 for yes, but this line takes 1',
  ])
  t.strictSame(
    missingPrompts(validateLine({ ...line, mode: 'voice-or-key', voice, disclosure: 'mute' }), prompts),
    ['line 101, mode: there is no prompt "question-by-key" in en'],
  )
})
