import * as z from 'zod'
import { languageName } from '../../core/language-names.js'
import { issueText, text } from '../../core/message.js'
import type { LinePolicy } from '../../core/policy.js'
import { languageSchema } from '../../languages/languages.js'
import { defaulted, optional, required } from './field.js'
import { freeText, slug } from './forms.js'
import { en, ru } from './wording.js'

/**
 * Longest part of a disclosure that a line may require to be heard, ms. Callers do not stay for a longer disclosure.
 */
const LONGEST_MIN_HEARD_MS = 60_000

const MODES = {
  en: {
    key: 'callers are asked and answer with a key',
    'voice-or-key': 'callers are asked and answer by voice or with a key',
    notice: 'callers hear a notice, and are recorded if they stay',
    none: 'callers are neither asked nor recorded',
  },
  ru: {
    key: 'звонящего спрашивают, он отвечает клавишей',
    'voice-or-key': 'звонящего спрашивают, он отвечает голосом или клавишей',
    notice: 'звонящего предупреждают и записывают, если он остаётся на линии',
    none: 'звонящего не спрашивают и не записывают',
  },
} satisfies Record<string, Record<LinePolicy['mode'], string>>

/** The fields of what is announced to a caller, with the name of the line. */
export const GREETING = {
  /** The name of a line for people. Lists show it beside the number. */
  name: optional(freeText.max(60), undefined, {
    control: 'text',
    place: 'announced',
    label: { en: 'Name of the line, which callers do not hear', ru: 'Имя линии, звонящие его не слышат' },
    none: { en: 'none', ru: 'нет' },
    change: {
      en: to =>
        to === undefined ? 'The line has no name any more.' : `The line is called ${en.quoted(to)}.`,
      ru: to => (to === undefined ? 'У линии больше нет имени.' : `Линия называется ${ru.quoted(to)}.`),
    },
  }),

  language: required(languageSchema, {
    control: 'language',
    place: 'announced',
    blank: 'en',
    label: { en: 'Language', ru: 'Язык' },
    change: {
      en: (to, from) => `The language changes from ${languageName(from, 'en')} to ${languageName(to, 'en')}.`,
      ru: (to, from) =>
        `Язык меняется: был ${languageName(from, 'ru')}, становится ${languageName(to, 'ru')}.`,
    },
  }),

  /** The name of a company, as prompts say it. */
  company: optional(freeText.max(200), undefined, {
    control: 'text',
    place: 'announced',
    label: { en: 'Company, if it is not the usual one', ru: 'Компания, если она не основная' },
    none: { en: 'the one set for this installation', ru: 'та, что задана для всей установки' },
    change: {
      en: to =>
        to === undefined
          ? 'Callers hear the name of the installation’s company.'
          : `Callers hear the company ${en.quoted(to)}.`,
      ru: to =>
        to === undefined
          ? 'Звонящие слышат название основной компании.'
          : `Звонящие слышат название компании ${ru.quoted(to)}.`,
    },
  }),

  /** Languages that callers choose by a key. Only digits, because other keys begin a withdrawal or a pause. */
  languages: optional(
    z
      .array(
        z.strictObject({
          language: languageSchema,
          key: z.string().regex(/^[0-9]$/, 'must be one of the keys 0-9'),
        }),
      )
      .max(9)
      .refine(offered => offered.length !== 1, 'offer two languages or more, or none')
      .refine(
        offered => new Set(offered.map(one => one.language)).size === offered.length,
        'a language stands twice',
      )
      .refine(
        offered => new Set(offered.map(({ key }) => key)).size === offered.length,
        'two languages have one key',
      ),
    undefined,
    {
      control: 'languages',
      place: 'announced',
      label: { en: 'Choice of language', ru: 'Выбор языка' },
      none: { en: 'none; the line’s own language is used', ru: 'нет, сразу на языке линии' },
    },
  ),

  mode: required(z.enum(['key', 'voice-or-key', 'notice', 'none']), {
    control: 'choice',
    place: 'announced',
    blank: 'key',
    label: { en: 'How it asks', ru: 'Как спрашивает' },
    choices: {
      en: {
        key: 'asks for a key',
        'voice-or-key': 'asks for a spoken yes or no, or a key',
        notice: 'only gives notice',
        none: 'does not record',
      },
      ru: {
        key: 'спрашивает и ждёт клавишу',
        'voice-or-key': 'спрашивает, ждёт голос или клавишу',
        notice: 'только предупреждает',
        none: 'не записывает',
      },
    },
    change: {
      en: (to, from) => `From now on ${MODES.en[to]}; before, ${MODES.en[from]}.`,
      ru: (to, from) => `Теперь ${MODES.ru[to]}; раньше — ${MODES.ru[from]}.`,
    },
  }),

  disclosure: required(slug, {
    control: 'prompt',
    place: 'announced',
    label: { en: 'First prompt', ru: 'Фраза в начале' },
    change: {
      en: (to, from) => `The disclosure is ${en.quoted(to)} in place of ${en.quoted(from)}.`,
      ru: (to, from) => `Предупреждение — ${ru.quoted(to)} вместо ${ru.quoted(from)}.`,
    },
  }),

  bargeIn: defaulted(z.boolean(), true, {
    control: 'switch',
    place: 'announced',
    label: { en: 'When a key counts', ru: 'Когда считается клавиша' },
    choices: {
      en: { true: 'at once, ending the prompt', false: 'only after the prompt' },
      ru: { true: 'сразу, обрывая фразу', false: 'только после фразы' },
    },
    change: {
      en: {
        true: 'A key counts while a prompt plays.',
        false: 'A key counts only when the prompt has ended.',
      },
      ru: {
        true: 'Клавиша действует и во время фразы.',
        false: 'Клавиша действует только после окончания фразы.',
      },
    },
  }),

  minHeardMs: optional(
    z.union([z.int().min(0).max(LONGEST_MIN_HEARD_MS), z.literal('all')], {
      error: issueText(text`must be "all", or at most ${{ ms: LONGEST_MIN_HEARD_MS }}`),
    }),
    0,
    {
      control: 'heard',
      place: 'announced',
      label: {
        en: 'How much of the first prompt must be heard before a yes counts: seconds, or “all”',
        ru: 'Сколько первой фразы должно прозвучать, чтобы «да» считалось: секунды или «всё»',
      },
      change: {
        en: to =>
          to === 'all'
            ? 'A key counts only after the whole disclosure.'
            : to === 0
              ? 'A key counts as soon as the disclosure has begun.'
              : `A key counts after ${en.span(to)} of the disclosure.`,
        ru: to =>
          to === 'all'
            ? 'Клавиша считается только после всего предупреждения.'
            : to === 0
              ? 'Клавиша считается, как только началось предупреждение.'
              : `Клавиша считается, когда от предупреждения прозвучало ${ru.span(to)}.`,
      },
    },
  ),
}
