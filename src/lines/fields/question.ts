import * as z from 'zod'
import { defaulted } from './field.js'
import { key as oneKey, keys as someKeys } from './forms.js'
import { en, ru } from './wording.js'

const keyChange = (inEnglish: string, inRussian: string) => ({
  en: (to: string, from: string) =>
    `The key for ${inEnglish} changes from ${en.quoted(from)} to ${en.quoted(to)}.`,
  ru: (to: string, from: string) =>
    `Клавиша для ${inRussian} меняется: была ${ru.quoted(from)}, становится ${ru.quoted(to)}.`,
})

/** How often something is done. */
const often = {
  en: (count: number) => (count === 0 ? 'not at all' : count === 1 ? 'once' : `up to ${count} times`),
  ru: (count: number) => (count === 0 ? 'нет' : `не больше ${count}`),
}

/** The fields of `keys`. */
export const KEYS = {
  yes: defaulted(oneKey, '1', {
    control: 'keys',
    place: 'asked',
    label: { en: 'Key for yes', ru: 'Клавиша «да»' },
    change: keyChange('yes', 'согласия'),
  }),
  no: defaulted(oneKey, '2', {
    control: 'keys',
    place: 'asked',
    label: { en: 'Key for no', ru: 'Клавиша «нет»' },
    change: keyChange('no', 'отказа'),
  }),
  withdraw: defaulted(someKeys, '*9', {
    control: 'keys',
    place: 'withdrawal',
    label: { en: 'Keys to withdraw', ru: 'Клавиши отзыва' },
    change: keyChange('withdrawing', 'отзыва согласия'),
  }),
  pause: defaulted(someKeys, '*7', {
    control: 'keys',
    place: 'pause',
    label: { en: 'Keys to pause', ru: 'Клавиши паузы' },
    change: keyChange('pausing', 'паузы'),
  }),
}

/** The fields of a question. */
export const QUESTION = {
  waitMs: defaulted(z.int().min(1_000).max(30_000), 5_000, {
    control: 'seconds',
    place: 'asked',
    label: { en: 'Wait for the answer, s', ru: 'Сколько ждать ответа, с' },
    change: {
      en: (to, from) => `Callers have ${en.span(to)} to answer, before ${en.span(from)}.`,
      ru: (to, from) => `Время на ответ — ${ru.span(to)}, раньше — ${ru.span(from)}.`,
    },
  }),

  retries: defaulted(z.int().min(0).max(5), 1, {
    control: 'number',
    place: 'asked',
    label: { en: 'Repetitions of the question', ru: 'Сколько раз повторить вопрос' },
    change: {
      en: (to, from) => `The question is repeated ${often.en(to)}; before, ${often.en(from)}.`,
      ru: (to, from) => `Повторов вопроса: ${often.ru(to)}; раньше — ${often.ru(from)}.`,
    },
  }),
}
