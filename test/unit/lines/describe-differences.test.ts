// Real: everything. Nothing is fake.
import t from 'tap'
import { labLines } from '../../../lab/lab-lines.js'
import type { LinePolicy, VoicePolicy } from '../../../src/core/policy.js'
import { lineDifferences } from '../../../src/lines/line-differences.js'
import { describeDifferences } from '../../../src/lines/words/describe-differences.js'

const line: LinePolicy = { ...labLines[1]!, number: '700', version: 1 }
const [service] = line.purposes
const told = (after: Partial<LinePolicy>, before: Partial<LinePolicy> = {}) => {
  const differences = lineDifferences({ ...line, ...before }, { ...line, ...after, version: 2 })
  return { en: describeDifferences(differences, 'en'), ru: describeDifferences(differences, 'ru') }
}
const withService = (change: object) => ({ purposes: [{ ...service!, ...change }] })

t.test('each change is one sentence, in both languages', async t => {
  t.strictSame(told({}), { en: [], ru: [] })
  t.strictSame(told(withService({ retentionDays: 60, longerBecause: 'a treaty' })), {
    en: [
      'The reason for the longer term of service quality is now: a treaty',
      'The term for service quality goes from 30 to 60 days.',
    ],
    ru: [
      'Причина более долгого хранения для контроля качества обслуживания теперь: a treaty',
      'Срок хранения записей для контроля качества обслуживания меняется с 30 до 60 дней.',
    ],
  })
  t.strictSame(told({ waitMs: 2_500, retries: 1 }, { waitMs: 1_000, retries: 2 }), {
    en: [
      'The question is repeated once; before, up to 2 times.',
      'Callers have 2.5 seconds to answer, before 1 second.',
    ],
    ru: [
      'Повторов вопроса: не больше 1; раньше — не больше 2.',
      'Время на ответ — 2,5 секунды, раньше — 1 секунда.',
    ],
  })
  t.strictSame(told({ minHeardMs: 2_500 }), {
    en: ['A key counts after 2.5 seconds of the disclosure.'],
    ru: ['Клавиша считается, когда от предупреждения прозвучало 2,5 секунды.'],
  })
  t.match(told({ onOutsider: 'own-side' }), {
    en: [/only what the caller says is recorded/],
    ru: [/только то, что говорит звонящий/],
  })
  t.match(told({ onOutsider: 'ask' }), { en: [/is asked/], ru: [/спрашивают/] })
  t.strictSame(told({ outsiderDisclosure: 'disclosure-joined' }), {
    en: ['Somebody from outside who is asked hears “disclosure-joined” in place of the disclosure.'],
    ru: [
      'Посторонний, которого спрашивают о согласии, слышит «disclosure-joined» вместо предупреждения линии.',
    ],
  })
  t.match(told({}, { outsiderDisclosure: 'disclosure-joined' }).en[0], /hears the disclosure of the line/)
  t.strictSame(told({ name: 'Заказы' }), {
    en: ['The line is called “Заказы”.'],
    ru: ['Линия называется «Заказы».'],
  })
  t.match(told({}, { name: 'Заказы' }).en[0], /has no name any more/)
  t.match(told({ askKeys: '*8' }), { en: [/keys “\*8” the agent/], ru: [/Клавишами «\*8»/] })
  t.match(told({}, { askKeys: '*8' }), { en: [/any more/], ru: [/больше не/] })
  t.match(told({ onHold: 'pause' }), {
    en: ['While the caller is on hold or waits alone, nothing is recorded.'],
    ru: ['Пока звонящий на удержании или ждёт один, запись стоит.'],
  })
  t.match(told({}, { onHold: 'pause' }).en[0], /continues/)
  t.match(told({}, { onOutsider: 'own-side' }).en[0], /nothing is recorded/)
  t.match(told({ minHeardMs: 'all' }).en[0], /after the whole disclosure/)
  t.match(told({}, { minHeardMs: 'all' }).ru[0], /как только началось/)
  t.strictSame(told({ keys: { ...line.keys, yes: '5' } }), {
    en: ['The key for yes changes from “1” to “5”.'],
    ru: ['Клавиша для согласия меняется: была «1», становится «5».'],
  })
})

t.test('counts have their plural', async t => {
  const term = (days: number) => told(withService({ retentionDays: days })).ru[0]
  t.match(term(1), 'с 30 до 1 дня.')
  t.match(term(21), 'с 30 до 21 дня.')
  t.match(term(22), 'с 30 до 22 дней.')
  const pause = (ms: number) => told({ pauseMaxMs: ms }).ru[0]
  t.match(pause(21_000), 'не дольше 21 секунды, раньше — 120 секунд.')
  t.match(pause(22_000), 'не дольше 22 секунд,')
})

t.test('a purpose that is added or removed is one sentence, and so is an order', async t => {
  const marketing = { ...service!, purpose: 'marketing' }
  const own = { ...service!, purpose: 'training' }
  t.strictSame(told({ purposes: [marketing, own] }).en, [
    'Recordings for marketing are added, kept for 30 days.',
    'Recordings for “training” are added, kept for 30 days.',
    'Nothing is recorded for service quality any more.',
  ])
  t.strictSame(told({ purposes: [own, service!] }, { purposes: [service!, own] }).ru, [
    'Порядок вопросов: цели «training», контроля качества обслуживания.',
  ])
})

t.test('what a call does after an answer is one sentence, with its target', async t => {
  const transfer = { do: 'transfer', context: 'sales', extension: 's', priority: 1 } as const
  t.strictSame(told({ onSilent: transfer }), {
    en: ['After silence the call is transferred to sales, s, 1; before, it continues in the dialplan.'],
    ru: ['После молчания звонок переводится на sales, s, 1; раньше — продолжается в диалплане.'],
  })
  t.strictSame(told({ onSilent: { ...transfer, context: 'other' } }, { onSilent: transfer }).en, [
    'After silence the context of the transfer is “other” in place of “sales”.',
  ])
  t.strictSame(told({ onSilent: { do: 'hangup' } }, { onSilent: transfer }).en, [
    'After silence the call ends; before, it was transferred to sales, s, 1.',
  ])
})

t.test('every field of a line has words', async t => {
  const other: LinePolicy = {
    ...{ number: '700', version: 2, language: 'ru', mode: 'notice', disclosure: 'other' },
    purposes: [
      {
        purpose: 'service',
        retentionDays: 60,
        longerBecause: 'b',
        legalBasis: 'c',
        prompts: { question: 'd', granted: 'e', refused: 'f' },
      },
    ],
    keys: { yes: '3', no: '4', withdraw: '*5', pause: '*6' },
    ...{ bargeIn: !line.bargeIn, waitMs: 9_000, retries: 4, onWithdraw: 'keep', pauseMaxMs: 9_000 },
    ...{ onRefused: { do: 'hangup' }, onSilent: { do: 'hangup' }, onFailed: { do: 'hangup' } },
  }
  const { en, ru } = told(other)
  t.equal(en.length, lineDifferences(line, other).length)
  t.equal(en.length, 21)
  for (const sentence of [...en, ...ru])
    t.notMatch(sentence, /undefined|NaN|purposes\.|keys\.|on[A-Z]\w+/, sentence)
})

t.test('the keeping of spoken answers is told, and its end', async t => {
  const voice: VoicePolicy = {
    ...{ engine: 'vosk', threshold: 0.7, weak: 'confirm', keyAfterYes: false, experimental: false },
  }
  const kept = { ...voice, keepAnswer: { retentionDays: 60, longerBecause: 'a duty', legalBasis: 'proof' } }
  t.strictSame(told({ voice: kept }, { voice }), {
    en: [
      'A spoken yes is kept as a recording of its own. The legal basis: proof',
      'The reason for the longer term of a kept yes: a duty',
      'A kept yes is due after 60 days.',
    ],
    ru: [
      'Сказанное «да» хранится отдельной записью. Правовое основание: proof',
      'Причина дольше хранить сказанное «да»: a duty',
      'Запись сказанного «да» хранится 60 дней.',
    ],
  })
  t.ok(told({ voice }, { voice: kept }).en.includes('A spoken yes is not kept any more.'))
  t.ok(told({ voice }, { voice: kept }).ru.includes('Сказанное «да» больше не хранится.'))
  const refused = { voice: { ...voice, keepAnswer: false } } as const
  t.strictSame(told(refused, { voice }), {
    en: ['The line keeps no spoken yes, whatever its group says.'],
    ru: ['Линия не хранит сказанное «да», что бы ни задавала группа.'],
  })
  t.ok(told(refused, { voice: kept }).en.includes('A spoken yes is not kept any more.'))
  t.strictSame(told({ voice }, refused), { en: [], ru: [] })
})

t.test('hearing answers is told with all its fields, and its end is one sentence', async t => {
  const voice: VoicePolicy = {
    ...{ engine: 'embedded', threshold: 0.8, weak: 'key', keyAfterYes: true, experimental: true },
  }
  t.strictSame(told({ mode: 'voice-or-key', voice }), {
    en: [
      'From now on callers are asked and answer by voice or with a key; before, callers are asked and answer with a key.',
      'Answers are heard by the engine “embedded”.',
      'An engine that is not proven may hear answers.',
      'A spoken yes counts only with a key after it.',
      'A spoken yes counts from a score of 0.8 on.',
      'After a weak yes such as “okay” the caller is asked for a key.',
    ],
    ru: [
      'Теперь звонящего спрашивают, он отвечает голосом или клавишей; раньше — звонящего спрашивают, он отвечает клавишей.',
      'Ответы распознаёт движок «embedded».',
      'Ответы может распознавать и непроверенный движок.',
      'Сказанное «да» считается только вместе с клавишей.',
      'Сказанное «да» считается при оценке от 0,8.',
      'После слабого согласия, например «ага», звонящего просят нажать клавишу.',
    ],
  })
  const other: VoicePolicy = {
    ...{ engine: 'vosk', threshold: 0.7, weak: 'confirm', keyAfterYes: false, experimental: false },
  }
  t.strictSame(told({ voice: other }, { voice }), {
    en: [
      'Answers are heard by the engine “vosk” in place of “embedded”.',
      'Only a proven engine may hear answers.',
      'A spoken yes counts without a key after it.',
      'A spoken yes counts from a score of 0.7 on, before from 0.8 on.',
      'After a weak yes such as “okay” the caller is asked for a clear yes or no.',
    ],
    ru: [
      'Ответы распознаёт движок «vosk» вместо «embedded».',
      'Ответы может распознавать только проверенный движок.',
      'Сказанное «да» считается и без клавиши.',
      'Сказанное «да» считается при оценке от 0,7, раньше — от 0,8.',
      'После слабого согласия, например «ага», звонящего просят ответить ясно: «да» или «нет».',
    ],
  })
  t.strictSame(told({}, { voice }), {
    en: ['No engine hears answers any more.'],
    ru: ['Сказанные ответы больше никто не распознаёт.'],
  })
})
