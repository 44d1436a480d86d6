import * as z from 'zod'
import { type InEach, inGroup, inLine, optional, required } from './field.js'
import { freeText, isTermReasoned, retentionDays, slug, USUAL_RETENTION_DAYS, unreasoned } from './forms.js'
import { en, ru } from './wording.js'

/** Maximum number of purposes of a line. A caller is asked about each of them. */
export const MAX_PURPOSES = 8

/** The fields of a purpose, without its prompts. */
export const PURPOSE = {
  purpose: required(slug, {
    control: 'text',
    place: 'after',
    label: { en: 'Purpose, in small letters', ru: 'Цель, латиницей' },
  }),
  retentionDays: required(retentionDays, {
    control: 'days',
    place: 'after',
    blank: USUAL_RETENTION_DAYS,
    label: { en: 'Kept for, days', ru: 'Срок хранения, дней' },
    change: {
      en: (to, from, purpose) => `The term for ${purpose} goes from ${from} to ${en.days(to)}.`,
      ru: (to, from, purpose) =>
        `Срок хранения записей для ${purpose} меняется с ${from} до ${ru.daysGenitive(to)}.`,
    },
  }),
  legalBasis: required(freeText, {
    control: 'text',
    place: 'after',
    label: { en: 'Legal basis', ru: 'Правовое основание' },
    change: {
      en: (to, _, purpose) => `The legal basis for ${purpose} is now: ${to}`,
      ru: (to, _, purpose) => `Правовое основание для ${purpose} теперь: ${to}`,
    },
  }),
  longerBecause: optional(freeText, undefined, {
    control: 'text',
    place: 'after',
    label: { en: 'Why it is kept longer than 30 days', ru: 'Почему хранится дольше 30 дней' },
    change: {
      en: (to, _, purpose) =>
        to === undefined
          ? `The term of ${purpose} has no reason any more for being longer.`
          : `The reason for the longer term of ${purpose} is now: ${to}`,
      ru: (to, _, purpose) =>
        to === undefined
          ? `Причины более долгого хранения для ${purpose} больше нет.`
          : `Причина более долгого хранения для ${purpose} теперь: ${to}`,
    },
  }),
}

const promptField = (label: InEach<string>, role: InEach<string>) =>
  required(slug, {
    ...{ control: 'prompt', place: 'after', label },
    change: {
      en: (to, from, purpose) =>
        `For ${purpose}, the ${role.en} is ${en.quoted(to)} in place of ${en.quoted(from)}.`,
      ru: (to, from, purpose) => `Для ${purpose} ${role.ru} — ${ru.quoted(to)} вместо ${ru.quoted(from)}.`,
    },
  })

/** The prompts of a purpose. */
export const PROMPTS = {
  question: promptField({ en: 'Prompt that asks', ru: 'Фраза вопроса' }, { en: 'question', ru: 'вопрос' }),
  granted: promptField(
    { en: 'Prompt after a yes', ru: 'Фраза после «да»' },
    { en: 'confirmation of a yes', ru: 'подтверждение согласия' },
  ),
  refused: promptField(
    { en: 'Prompt after a no', ru: 'Фраза после «нет»' },
    { en: 'confirmation of a no', ru: 'подтверждение отказа' },
  ),
}

/** The purposes of a line. */
export const purposes = z
  .array(
    z
      .strictObject({ ...inLine(PURPOSE), prompts: z.strictObject(inLine(PROMPTS)) })
      .refine(isTermReasoned, unreasoned),
  )
  .max(MAX_PURPOSES)

/** The part of them that lines of a group share. */
export const sharedPurposes = z
  .array(
    z
      .strictObject({ ...inGroup(PURPOSE), prompts: z.strictObject(inGroup(PROMPTS)).partial() })
      .partial()
      .extend({ purpose: slug }),
  )
  .max(MAX_PURPOSES)
