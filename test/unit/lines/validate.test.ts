// Real: the checks of a line. Fake: none.
import t from 'tap'
import { labLines } from '../../../lab/lab-lines.js'
import { AppError } from '../../../src/core/errors.js'
import { keptAnswerOf, recordedPurposes } from '../../../src/core/policy.js'
import { inherit, statedFields, statedPart } from '../../../src/lines/inherit.js'
import { unknownLine } from '../../../src/lines/unknown-line.js'
import { validateGroup, validateLine } from '../../../src/lines/validate.js'

const purpose = {
  purpose: 'service',
  retentionDays: 30,
  legalBasis: 'consent',
  prompts: { question: 'question-service', granted: 'granted', refused: 'refused' },
}
const line = {
  number: '4950000000',
  language: 'ru',
  mode: 'key',
  disclosure: 'disclosure-key',
  purposes: [purpose],
}

/** The message about an invalid line; `valid` if there is none. @throws every other error */
const fault = (input: unknown): string => {
  try {
    validateLine(input)
    return 'valid'
  } catch (error) {
    if (error instanceof AppError && error.code === 'policy.invalid') return error.message
    throw error
  }
}

t.test('a missing field has its default', async t => {
  const { keys, bargeIn, waitMs, retries, onWithdraw, pauseMaxMs, onRefused, onSilent, onFailed } =
    validateLine(line)
  t.strictSame(keys, { yes: '1', no: '2', withdraw: '*9', pause: '*7' })
  t.strictSame([bargeIn, waitMs, retries, onWithdraw, pauseMaxMs], [true, 5_000, 1, 'destroy', 120_000])
  for (const step of [onRefused, onSilent, onFailed]) t.strictSame(step, { do: 'continue' })
})

t.test('each missing key has its default, which must differ from the given keys', async t => {
  const keysOf = (keys: object) => validateLine({ ...line, keys }).keys
  t.strictSame(keysOf({}), { yes: '1', no: '2', withdraw: '*9', pause: '*7' })
  t.strictSame(keysOf({ yes: '5', no: '6' }), { yes: '5', no: '6', withdraw: '*9', pause: '*7' })
  t.strictSame(keysOf({ withdraw: '#' }), { yes: '1', no: '2', withdraw: '#', pause: '*7' })
  t.match(fault({ ...line, keys: { yes: '2' } }), /keys yes, no, withdraw and pause must differ/)
})

t.test('a complete line is returned unchanged', async t => {
  const given = {
    ...line,
    keys: { yes: '#', no: 'A', withdraw: '*99', pause: '*1' },
    onWithdraw: 'keep',
    pauseMaxMs: 30_000,
    bargeIn: false,
    waitMs: 9_000,
    retries: 0,
    onRefused: { do: 'hangup' },
    onSilent: { do: 'transfer', context: 'from-internal', extension: '_8#*', priority: 2 },
    onFailed: { do: 'continue' },
  }
  t.strictSame(validateLine(given), given)
  t.equal(fault({ ...line, mode: 'none', purposes: [] }), 'valid')
})

t.test('each fault is refused with the path of its field', async t => {
  const withPurpose = (change: object) => ({ ...line, purposes: [{ ...purpose, ...change }] })
  const transfer = { do: 'transfer', context: 'a', extension: '1', priority: 1 }
  const cases: [string, unknown, RegExp][] = [
    ['nothing', null, /the whole /],
    ['a text', 'line', /the whole /],
    ['an unknown field', { ...line, retentoin: 1 }, /retentoin is not known/],
    [
      'an unknown field further down',
      withPurpose({ prompts: { ...purpose.prompts, maybe: 'x' } }),
      /purposes\.0\.prompts\.maybe is not known/,
    ],
    ['a number that is none', { ...line, number: '1;2' }, /number /],
    ['an unknown language', { ...line, language: 'de' }, /language /],
    ['an unknown mode', { ...line, mode: 'always' }, /mode /],
    ['a prompt that is a path', { ...line, disclosure: '../etc/passwd' }, /disclosure /],
    ['no purpose', { ...line, purposes: [] }, /purposes /],
    ['no purpose on a notice line', { ...line, mode: 'notice', purposes: [] }, /purposes /],
    ['a purpose twice', { ...line, purposes: [purpose, purpose] }, /purposes a purpose stands twice/],
    ['a purpose that is a path', withPurpose({ purpose: '../service' }), /purposes\.0\.purpose /],
    ['no legal basis', withPurpose({ legalBasis: '' }), /purposes\.0\.legalBasis /],
    ['a blank legal basis', withPurpose({ legalBasis: '  ' }), /purposes\.0\.legalBasis /],
    ['a missing legal basis', withPurpose({ legalBasis: undefined }), /purposes\.0\.legalBasis /],
    ['a term of no days', withPurpose({ retentionDays: 0 }), /purposes\.0\.retentionDays /],
    ['a term of half days', withPurpose({ retentionDays: 1.5 }), /purposes\.0\.retentionDays /],
    [
      'a long term without a reason',
      withPurpose({ retentionDays: 31 }),
      /purposes\.0\.retentionDays .*longerBecause/,
    ],
    [
      'a long term with a blank reason',
      withPurpose({ retentionDays: 31, longerBecause: ' ' }),
      /purposes\.0\.longerBecause /,
    ],
    ['a key that is none', { ...line, keys: { yes: '11', no: '2', withdraw: '*9' } }, /keys\.yes /],
    [
      'one key for two things',
      { ...line, keys: { yes: '1', no: '1', withdraw: '*9' } },
      /keys yes, no, withdraw and pause must differ/,
    ],
    ['the yes as withdrawal', { ...line, keys: { yes: '1', no: '2', withdraw: '1' } }, /keys /],
    ['the default pause as withdrawal', { ...line, keys: { yes: '1', no: '2', withdraw: '*7' } }, /keys /],
    ['another end of withdrawal', { ...line, onWithdraw: 'forget' }, /onWithdraw /],
    ['a pause without end', { ...line, pauseMaxMs: 3_600_001 }, /pauseMaxMs /],
    ['a wait of nothing', { ...line, waitMs: 0 }, /waitMs /],
    ['a wait without end', { ...line, waitMs: 1e9 }, /waitMs /],
    ['retries without end', { ...line, retries: 99 }, /retries /],
    ['an unknown step', { ...line, onSilent: { do: 'explode' } }, /onSilent/],
    [
      'a dialplan expression',
      { ...line, onSilent: { ...transfer, extension: '$' + '{SHELL(id)}' } },
      /onSilent\.extension /,
    ],
    ['a context of two lines', { ...line, onFailed: { ...transfer, context: 'a\nb' } }, /onFailed\.context /],
    ['a priority of zero', { ...line, onRefused: { ...transfer, priority: 0 } }, /onRefused\.priority /],
  ]
  for (const [what, input, expected] of cases) t.match(fault(input), expected, what)
  t.equal(fault(withPurpose({ retentionDays: 90, longerBecause: 'Contract 7, clause 3' })), 'valid')
})

t.test('the message has all faults, and quotes no value', async t => {
  const message = fault({ ...line, number: 'no number 12345', language: 'xx' })
  t.match(message, /number .*; language /)
  t.notMatch(message, '12345')
})

t.test('the lab has the documented lines', async t => {
  const seen = labLines.map(({ number, language, mode, purposes }) => [
    number,
    language,
    mode,
    purposes.map(({ purpose }) => purpose).join(' '),
  ])
  t.strictSame(seen, [
    ['100', 'ru', 'key', 'service'],
    ['101', 'en', 'key', 'service'],
    ['102', 'ru', 'voice-or-key', 'service'],
    ['103', 'en', 'voice-or-key', 'service'],
    ['104', 'en', 'notice', 'service'],
    ['105', 'ru', 'key', 'service marketing'],
  ])
  for (const one of labLines) {
    t.strictSame(validateLine(one), one, one.number)
    t.strictSame(one.keys, { yes: '1', no: '2', withdraw: '*9', pause: '*7' })
  }
})

t.test('the default line records nothing and is a valid policy', async t => {
  const { version, ...unknown } = unknownLine('999')
  t.match(unknown, { number: '999', mode: 'none', purposes: [], onFailed: { do: 'continue' } })
  t.equal(version, 0)
  t.strictSame(validateLine(unknown), unknown)
})

t.test('a line by voice names its engine, and all else of hearing has a default', async t => {
  const voice = (own: object, more: object = {}) => ({ ...line, mode: 'voice-or-key', voice: own, ...more })
  t.strictSame(validateLine(voice({ engine: 'vosk' })).voice, {
    ...{ engine: 'vosk', threshold: 0.7, weak: 'confirm', keyAfterYes: false, experimental: false },
  })
  t.match(fault({ ...line, mode: 'voice-or-key' }), /voice\.engine must name the engine/)
  t.match(fault(voice({ engine: 'whisper' })), /voice\.engine must be one of: embedded, sherpa, vosk/)
  for (const threshold of [0.49, 1, '0.7'])
    t.match(fault(voice({ engine: 'vosk', threshold })), /voice\.threshold must be/, String(threshold))
  t.equal(fault(voice({ engine: 'vosk', threshold: 0.99 })), 'valid')
  t.match(fault(voice({ engine: 'vosk', loud: true })), /voice\.loud is not known/)
})

t.test('a spoken yes is kept with its own legal basis and term, and no purpose has its name', async t => {
  const kept = (keepAnswer: object, more: object = {}) => ({
    ...{ ...line, mode: 'voice-or-key', voice: { engine: 'vosk', keepAnswer }, ...more },
  })
  t.strictSame(validateLine(kept({ legalBasis: 'proof' })).voice?.keepAnswer, {
    ...{ retentionDays: 30, legalBasis: 'proof' },
  })
  t.match(fault(kept({})), /voice\.keepAnswer\.legalBasis/)
  t.match(
    fault(kept({ legalBasis: 'proof', retentionDays: 31 })),
    /voice\.keepAnswer\.retentionDays more than 30/,
  )
  t.equal(fault(kept({ legalBasis: 'proof', retentionDays: 1_095, longerBecause: 'limitation' })), 'valid')
  const [purpose] = line.purposes
  const purposes = [{ ...purpose!, purpose: 'consent' }]
  t.match(fault(kept({ legalBasis: 'proof' }, { purposes })), /voice\.keepAnswer cannot be used .* "consent"/)
  t.equal(fault({ ...line, purposes }), 'valid')
  const group = validateGroup({ voice: { engine: 'sherpa', keepAnswer: { legalBasis: 'proof' } } })
  const own = { ...line, mode: 'voice-or-key', voice: { keepAnswer: { retentionDays: 7 } } }
  t.strictSame(validateLine(inherit(own, group)).voice?.keepAnswer, { retentionDays: 7, legalBasis: 'proof' })
})

t.test('a line keeps no spoken yes though its group does, also when the group changes', async t => {
  const keeping = (retentionDays: number) =>
    validateGroup({ voice: { engine: 'vosk', keepAnswer: { legalBasis: 'proof', retentionDays } } })
  const other = { ...line, mode: 'voice-or-key', voice: { threshold: 0.9 } }
  t.match(keptAnswerOf(validateLine(inherit(other, keeping(7)))), { retentionDays: 7 })
  const own = { ...line, mode: 'voice-or-key', voice: { keepAnswer: false } }
  const completed = validateLine(inherit(own, keeping(7)))
  t.strictSame([completed.voice?.engine, keptAnswerOf(completed)], ['vosk', undefined])
  t.strictSame(recordedPurposes(completed), ['service'])
  const stated = statedPart(completed, statedFields(own))
  t.strictSame(stated['voice'], { keepAnswer: false })
  t.equal(keptAnswerOf(validateLine(inherit(stated, keeping(9)))), undefined)
  t.match(fault({ ...own, voice: { engine: 'vosk', keepAnswer: true } }), /voice\.keepAnswer/)
})

t.test('the embedded engine hears only where it is switched on by name, in either language', async t => {
  for (const language of ['ru', 'en']) {
    const voice = (experimental: boolean) => ({
      ...{ ...line, language, mode: 'voice-or-key', voice: { engine: 'embedded', experimental } },
    })
    t.match(fault(voice(false)), /voice\.experimental must be true .* measured on too few people/, language)
    t.equal(fault(voice(true)), 'valid', language)
  }
  t.equal(fault({ ...line, voice: { engine: 'embedded' } }), 'valid', 'no effect in another mode')
})

t.test('a caller who may speak has three seconds at least', async t => {
  const voice = { ...line, mode: 'voice-or-key', voice: { engine: 'vosk' } }
  t.match(fault({ ...voice, waitMs: 2_999 }), /waitMs must be at least 3000 ms where callers answer by voice/)
  t.equal(fault({ ...voice, waitMs: 3_000 }), 'valid')
  t.equal(fault({ ...line, waitMs: 1_000 }), 'valid', 'by key it may be shorter')
})

t.test('a line inherits how it hears, field by field', async t => {
  const group = validateGroup({ mode: 'voice-or-key', voice: { engine: 'sherpa', threshold: 0.8 } })
  const { mode: _, ...own } = line
  t.match(validateLine(inherit({ ...own, voice: { weak: 'key' } }, group)), {
    mode: 'voice-or-key',
    voice: { engine: 'sherpa', threshold: 0.8, weak: 'key', keyAfterYes: false },
  })
  t.match(validateLine(inherit(own, group)).voice, { engine: 'sherpa', weak: 'confirm' })
})
