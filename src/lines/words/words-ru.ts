import { languageName } from '../../core/language-names.js'
import { ru as wording } from '../fields/wording.js'
import type { LineWords } from './words-en.js'

/** The wording of changes of a line, in Russian. */
export const ru = {
  purposes: { service: 'контроля качества обслуживания', marketing: 'маркетинга' },
  otherPurpose: purpose => `цели ${wording.quoted(purpose)}`,
  languageName: language => languageName(language, 'ru'),
  nextSteps: { continue: 'продолжается в диалплане', transfer: 'переводится', hangup: 'завершается' },
  answers: { onRefused: 'отказа', onSilent: 'молчания', onFailed: 'сбоя' },
  days: wording.days,
  quoted: wording.quoted,
  languageKey: (language, key, before) =>
    before === undefined
      ? `Звонящий может выбрать язык: ${language}, клавиша ${key}.`
      : `Клавиша для языка «${language}» меняется с ${before} на ${key}.`,
  languageRemoved: language => `Язык «${language}» больше нельзя выбрать.`,
  languageOrder: languages => `Языки предлагают в таком порядке: ${languages}.`,
  purposeAdded: (purpose, term) =>
    `Добавлена запись для ${purpose}${term ? `, срок хранения — ${term}` : ''}.`,
  purposeRemoved: purpose => `Для ${purpose} больше ничего не записывается.`,
  order: purposes => `Порядок вопросов: ${purposes}.`,
  neverKept: 'Линия не хранит сказанное «да», что бы ни задавала группа.',
  next: (answer, from, to) => `После ${answer} звонок ${to}; раньше — ${from}.`,
  target: to => ` на ${to}`,
  transferChanged: (answer, part, from, to) =>
    `После ${answer} звонок переводится иначе: ${part} — ${to} вместо ${from}.`,
  targetParts: { context: 'контекст', extension: 'номер', priority: 'приоритет' },
  other: (field, from, to) => `${field}: было ${from}, становится ${to}.`,
} satisfies LineWords
