// Real: the comparison of words with lines. Fake: the prompts, of which only what they say is given.
import t from 'tap'
import { labLines } from '../../../lab/lab-lines.js'
import { validateLine } from '../../../src/policy/validate.js'
import { contradictions, missingPrompts, type Words } from '../../../src/prompts/contradictions.js'
import { readManifest, shippedPromptFolder } from '../../../src/prompts/manifest.js'

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
    'line 101, languages: callers hear "1" from the prompt "choose-language", but the line has "3"',
    'line 101, keys.yes: callers hear "5" from the prompt "hello", but the line has "1"',
  ])
})

t.test('each setting is compared, and the sentence names line, field, prompt and both values', async t => {
  const asking = (name: string) => ({ ...purpose, prompts: { ...purpose.prompts, question: name } })
  const training = { ...purpose, purpose: 'training', retentionDays: 20 }
  const cases: [change: object, path: string, heard: string, prompt: string, value: string][] = [
    [{ keys: { ...keys, yes: '5' } }, 'keys.yes', '1', 'hello', '5'],
    [{ keys: { ...keys, no: '3' } }, 'keys.no', '2', 'hello', '3'],
    [{ keys: { ...keys, withdraw: '*8' } }, 'keys.withdraw', '*9', 'hello', '*8'],
    [{ onWithdraw: 'keep' }, 'onWithdraw', 'destroy', 'hello', 'keep'],
    [{ onRefused: { do: 'hangup' } }, 'onRefused', 'served', 'hello', 'hangup'],
    [{ purposes: [purpose, training] }, 'purposes.1.retentionDays', '30', 'hello', '20'],
    [
      { disclosure: 'mute', purposes: [purpose, { ...asking('ask'), retentionDays: 20 }] },
      ...(['purposes.1.retentionDays', '30', 'ask', '20'] as const),
    ],
    [
      { purposes: [{ ...purpose, prompts: { ...purpose.prompts, granted: 'no' } }] },
      ...(['purposes.0.prompts.granted', 'refused', 'no', 'granted'] as const),
    ],
    [
      { purposes: [{ ...purpose, prompts: { ...purpose.prompts, refused: 'yes' } }] },
      ...(['purposes.0.prompts.refused', 'granted', 'yes', 'refused'] as const),
    ],
    [
      { disclosure: 'mute', onWithdraw: 'keep', purposes: [{ ...purpose, retentionDays: 20 }] },
      ...(['purposes.0.retentionDays', '30', 'withdrawn-kept', '20'] as const),
    ],
  ]
  for (const [change, path, heard, prompt, value] of cases)
    t.strictSame(contradictions({ ...line, ...change }, prompts), [
      `line 101, ${path}: callers hear "${heard}" from the prompt "${prompt}", but the line has "${value}"`,
    ])
})

t.test('a notice asks no question', async t => {
  t.strictSame(
    contradictions({ ...line, mode: 'notice' }, prompts).map(text => text.split(':')[0]),
    ['line 101, mode', 'line 101, keys.yes'],
  )
})

t.test('only the words that callers hear are compared, in the language of the line', async t => {
  const asks = { ...purpose, prompts: { question: 'ask', granted: 'ask', refused: 'no' } }
  const other = { ...line, disclosure: 'mute', purposes: [asks], keys: { ...keys, yes: '5', withdraw: '*8' } }
  t.equal(contradictions(other, prompts).length, 3, 'question, confirmation, and the confirmation of a no')
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
})

t.test('the shipped prompts by voice suit a line by voice alone, and those by key one by key', async t => {
  const shipped = await readManifest(shippedPromptFolder())
  const voice = {
    ...{ engine: 'vosk', threshold: 0.7, weak: 'confirm' },
    keyAfterYes: true,
    experimental: false,
  }
  for (const language of ['en', 'ru'] as const) {
    const of = (mode: string, disclosure: string, question: string) =>
      contradictions(
        validateLine({
          ...{ ...line, language, mode, disclosure, voice },
          purposes: [{ ...purpose, prompts: { question, granted: 'granted', refused: 'refused' } }],
        }),
        shipped,
      )
    t.strictSame(of('voice-or-key', 'disclosure-voice', 'question-voice'), [], language)
    t.strictSame(of('voice-or-key', 'disclosure-purposes', 'question-voice-service'), [], language)
    t.strictSame(of('key', 'disclosure-key', 'question'), [], language)
    t.strictSame(of('voice-or-key', 'disclosure-key', 'question-voice'), [
      'line 101, mode: callers hear "key" from the prompt "disclosure-key", but the line has "voice-or-key"',
    ])
    t.strictSame(of('voice-or-key', 'disclosure-voice', 'question'), [
      'line 101, purposes.0.prompts.question: callers are not asked to speak by the prompt "question", but the line has "voice-or-key"',
    ])
    t.strictSame(of('key', 'disclosure-voice', 'question-voice'), [
      'line 101, mode: callers hear "voice-or-key" from the prompt "disclosure-voice", but the line has "key"',
      'line 101, mode: callers hear "voice-or-key" from the prompt "question-voice", but the line has "key"',
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
    `${path}: callers are asked to speak by the prompt "ours", but the line has "key"`,
  ])
  t.strictSame(of('key', 'Do you agree? Press 1.'), [])
  t.strictSame(of('voice-or-key', 'Do you agree? Press 1.'), [
    `${path}: callers are not asked to speak by the prompt "ours", but the line has "voice-or-key"`,
    'line 101, keys.yes: callers hear "7" from the prompt "question-by-key", but the line has "1"',
  ])
  t.strictSame(
    missingPrompts(validateLine({ ...line, mode: 'voice-or-key', voice, disclosure: 'mute' }), prompts),
    ['line 101, mode: there is no prompt "question-by-key" in en'],
  )
})
