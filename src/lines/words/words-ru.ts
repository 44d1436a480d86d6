import { languageName } from '../../core/language-names.js'
import { countedRu, type PluralForms, plural } from '../../lib/plural.js'
import type { LineWords } from './words-en.js'

/** A second, ms. */
const SECOND_MS = 1_000

const quoted = (text: string) => `«${text}»`
const days = (count: number) => countedRu(count, 'день', 'дня', 'дней')
/** The noun in the genitive, as after «до» and «дольше». */
const daysGenitive = (count: number) => countedRu(count, 'дня', 'дней', 'дней')
const SECONDS: PluralForms = { one: 'секунда', few: 'секунды', many: 'секунд', other: 'секунды' }
const SECONDS_GENITIVE: PluralForms = { one: 'секунды', few: 'секунд', many: 'секунд', other: 'секунды' }
const NUMBERS = new Intl.NumberFormat('ru')
const span = (ms: number, forms = SECONDS) =>
  `${NUMBERS.format(ms / SECOND_MS)} ${plural(ms / SECOND_MS, forms, 'ru')}`
const often = (count: number) => (count === 0 ? 'нет' : `не больше ${count}`)

/** The wording of changes of a line, in Russian. */
export const ru = {
  purposes: { service: 'контроля качества обслуживания', marketing: 'маркетинга' },
  otherPurpose: purpose => `цели ${quoted(purpose)}`,
  languageName: language => languageName(language, 'ru'),
  modes: {
    key: 'звонящего спрашивают, он отвечает клавишей',
    'voice-or-key': 'звонящего спрашивают, он отвечает голосом или клавишей',
    notice: 'звонящего предупреждают и записывают, если он остаётся на линии',
    none: 'звонящего не спрашивают и не записывают',
  },
  nextSteps: { continue: 'продолжается в диалплане', transfer: 'переводится', hangup: 'завершается' },
  answers: { onRefused: 'отказа', onSilent: 'молчания', onFailed: 'сбоя' },
  keys: { yes: 'согласия', no: 'отказа', withdraw: 'отзыва согласия', pause: 'паузы' },
  prompts: { question: 'вопрос', granted: 'подтверждение согласия', refused: 'подтверждение отказа' },
  days,
  quoted,
  language: (from, to) => `Язык меняется: был ${from}, становится ${to}.`,
  lineName: to => (to === undefined ? 'У линии больше нет имени.' : `Линия называется ${to}.`),
  company: to =>
    to === undefined
      ? 'Звонящие слышат название основной компании.'
      : `Звонящие слышат название компании ${to}.`,
  languageKey: (language, key, before) =>
    before === undefined
      ? `Звонящий может выбрать язык: ${language}, клавиша ${key}.`
      : `Клавиша для языка «${language}» меняется с ${before} на ${key}.`,
  languageRemoved: language => `Язык «${language}» больше нельзя выбрать.`,
  languageOrder: languages => `Языки предлагают в таком порядке: ${languages}.`,
  mode: (from, to) => `Теперь ${to}; раньше — ${from}.`,
  disclosure: (from, to) => `Предупреждение — ${to} вместо ${from}.`,
  term: (purpose, from, to) =>
    `Срок хранения записей для ${purpose} меняется с ${from} до ${daysGenitive(to)}.`,
  basis: (purpose, to) => `Правовое основание для ${purpose} теперь: ${to}`,
  reason: (purpose, to) => `Причина более долгого хранения для ${purpose} теперь: ${to}`,
  noReason: purpose => `Причины более долгого хранения для ${purpose} больше нет.`,
  prompt: (purpose, role, from, to) => `Для ${purpose} ${role} — ${to} вместо ${from}.`,
  purposeAdded: (purpose, term) =>
    `Добавлена запись для ${purpose}${term ? `, срок хранения — ${term}` : ''}.`,
  purposeRemoved: purpose => `Для ${purpose} больше ничего не записывается.`,
  order: purposes => `Порядок вопросов: ${purposes}.`,
  key: (role, from, to) => `Клавиша для ${role} меняется: была ${from}, становится ${to}.`,
  bargeIn: yes =>
    yes ? 'Клавиша действует и во время фразы.' : 'Клавиша действует только после окончания фразы.',
  minHeard: to =>
    to === 'all'
      ? 'Клавиша считается только после всего предупреждения.'
      : to === 0
        ? 'Клавиша считается, как только началось предупреждение.'
        : `Клавиша считается, когда от предупреждения прозвучало ${span(to)}.`,
  wait: (from, to) => `Время на ответ — ${span(to)}, раньше — ${span(from)}.`,
  retries: (from, to) => `Повторов вопроса: ${often(to)}; раньше — ${often(from)}.`,
  engine: (to, from) =>
    from === undefined ? `Ответы распознаёт движок ${to}.` : `Ответы распознаёт движок ${to} вместо ${from}.`,
  noEngine: 'Сказанные ответы больше никто не распознаёт.',
  threshold: (to, from) =>
    `Сказанное «да» считается при оценке от ${NUMBERS.format(to)}${from === undefined ? '' : `, раньше — от ${NUMBERS.format(from)}`}.`,
  weak: {
    confirm: 'После слабого согласия, например «ага», звонящего просят ответить ясно: «да» или «нет».',
    key: 'После слабого согласия, например «ага», звонящего просят нажать клавишу.',
  },
  keyAfterYes: yes =>
    yes ? 'Сказанное «да» считается только вместе с клавишей.' : 'Сказанное «да» считается и без клавиши.',
  experimental: yes =>
    yes
      ? 'Ответы может распознавать и непроверенный движок.'
      : 'Ответы может распознавать только проверенный движок.',
  keptBasis: to => `Сказанное «да» хранится отдельной записью. Правовое основание: ${to}`,
  keptDays: (to, from) =>
    `Запись сказанного «да» хранится ${days(to)}${from === undefined ? '' : `, раньше — ${from}`}.`,
  keptBecause: to =>
    to === undefined
      ? 'Причины дольше хранить сказанное «да» больше нет.'
      : `Причина дольше хранить сказанное «да»: ${to}`,
  keptNoMore: 'Сказанное «да» больше не хранится.',
  neverKept: 'Линия не хранит сказанное «да», что бы ни задавала группа.',
  withdrawal: {
    destroy: 'При отзыве согласия запись уничтожается.',
    keep: 'При отзыве согласия запись до отзыва сохраняется.',
  },
  outsider: {
    pause: 'Пока в разговоре есть посторонний без согласия, запись стоит.',
    'own-side':
      'Пока в разговоре есть посторонний без согласия, записывается только то, что говорит звонящий.',
    ask: 'Постороннего без согласия спрашивают о нём, и запись стоит, пока он не согласится или не выйдет.',
  },
  outsiderDisclosure: to =>
    to === undefined
      ? 'Посторонний, которого спрашивают о согласии, слышит предупреждение линии.'
      : `Посторонний, которого спрашивают о согласии, слышит ${to} вместо предупреждения линии.`,
  hold: {
    record: 'Пока звонящий на удержании или ждёт один, запись продолжается.',
    pause: 'Пока звонящий на удержании или ждёт один, запись стоит.',
  },
  askKeys: to =>
    to === undefined
      ? 'Клавиши оператора больше не спрашивают звонящего о согласии.'
      : `Клавишами ${to} оператор просит спросить звонящего о согласии посреди разговора.`,
  pauseMax: (from, to) =>
    `Пауза длится не дольше ${span(to, SECONDS_GENITIVE)}, раньше — ${span(from, SECONDS_GENITIVE)}.`,
  next: (answer, from, to) => `После ${answer} звонок ${to}; раньше — ${from}.`,
  target: to => ` на ${to}`,
  transferChanged: (answer, part, from, to) =>
    `После ${answer} звонок переводится иначе: ${part} — ${to} вместо ${from}.`,
  targetParts: { context: 'контекст', extension: 'номер', priority: 'приоритет' },
  other: (field, from, to) => `${field}: было ${from}, становится ${to}.`,
  nothing: 'ничего',
} satisfies LineWords
