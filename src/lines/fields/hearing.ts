import * as z from 'zod'
import type { LinePolicy } from '../../core/policy.js'
import { SPEECH_ENGINES } from '../../core/speech.js'
import { defaulted, inGroup, inLine, optional, required } from './field.js'
import {
  freeText,
  isTermReasoned,
  isTermUsual,
  retentionDays,
  USUAL_RETENTION_DAYS,
  unreasoned,
} from './forms.js'
import { en, ru } from './wording.js'

/** The fields of `voice`, without `keepAnswer`. */
export const VOICE = {
  engine: required(z.enum(SPEECH_ENGINES), {
    control: 'choice',
    place: 'hearing',
    label: { en: 'What hears the answer', ru: 'Что распознаёт ответ' },
    sentence: {
      en: 'Answers are heard by {voice.engine}; a yes counts from a score of {voice.threshold}',
      ru: 'Ответ распознаёт {voice.engine}; «да» считается при оценке от {voice.threshold}',
    },
    choices: {
      en: { embedded: 'the built-in engine', sherpa: 'sherpa-onnx', vosk: 'Vosk' },
      ru: { embedded: 'встроенный движок', sherpa: 'sherpa-onnx', vosk: 'Vosk' },
    },
    change: {
      en: (to: unknown, from: unknown) => {
        if (to === undefined) return 'No engine hears answers any more.'
        const before = from === undefined ? '' : ` in place of ${en.quoted(from)}`
        return `Answers are heard by the engine ${en.quoted(to)}${before}.`
      },
      ru: (to: unknown, from: unknown) => {
        if (to === undefined) return 'Сказанные ответы больше никто не распознаёт.'
        return `Ответы распознаёт движок ${ru.quoted(to)}${from === undefined ? '' : ` вместо ${ru.quoted(from)}`}.`
      },
    },
  }),
  threshold: defaulted(z.number().min(0.5).max(0.99), 0.7, {
    control: 'decimal',
    place: 'hearing',
    label: { en: 'Least score of a yes, 0.5 to 0.99', ru: 'Наименьшая оценка «да», от 0,5 до 0,99' },
    change: {
      en: (to, from?: number) =>
        `A spoken yes counts from a score of ${to} on${from === undefined ? '' : `, before from ${from} on`}.`,
      ru: (to, from?: number) =>
        `Сказанное «да» считается при оценке от ${ru.number(to)}${from === undefined ? '' : `, раньше — от ${ru.number(from)}`}.`,
    },
  }),
  weak: defaulted(z.enum(['confirm', 'key']), 'confirm', {
    control: 'choice',
    place: 'hearing',
    label: { en: 'After a weak yes', ru: 'После слабого согласия' },
    sentence: {
      en: 'A weak yes such as “okay”: {voice.weak}',
      ru: 'Слабое согласие, например «ага»: {voice.weak}',
    },
    choices: {
      en: { confirm: 'the caller is asked for a clear one', key: 'the caller is asked for a key' },
      ru: { confirm: 'просим ответить ясно', key: 'просим нажать клавишу' },
    },
    change: {
      en: {
        confirm: 'After a weak yes such as “okay” the caller is asked for a clear yes or no.',
        key: 'After a weak yes such as “okay” the caller is asked for a key.',
      },
      ru: {
        confirm: 'После слабого согласия, например «ага», звонящего просят ответить ясно: «да» или «нет».',
        key: 'После слабого согласия, например «ага», звонящего просят нажать клавишу.',
      },
    },
  }),
  keyAfterYes: defaulted(z.boolean(), false, {
    control: 'switch',
    place: 'hearing',
    label: { en: 'After a clear yes', ru: 'После ясного «да»' },
    sentence: { en: 'A clear yes: {voice.keyAfterYes}', ru: 'Ясное «да»: {voice.keyAfterYes}' },
    choices: {
      en: { false: 'it counts', true: 'it counts with a key after it' },
      ru: { false: 'считается', true: 'считается вместе с клавишей' },
    },
    change: {
      en: {
        true: 'A spoken yes counts only with a key after it.',
        false: 'A spoken yes counts without a key after it.',
      },
      ru: {
        true: 'Сказанное «да» считается только вместе с клавишей.',
        false: 'Сказанное «да» считается и без клавиши.',
      },
    },
  }),
  experimental: defaulted(z.boolean(), false, {
    control: 'switch',
    place: 'hearing',
    label: { en: 'Engines that are not proven', ru: 'Непроверенные движки' },
    sentence: {
      en: 'Engines that are not proven: {voice.experimental}',
      ru: 'Непроверенные движки: {voice.experimental}',
    },
    choices: {
      en: { false: 'may not hear', true: 'may hear' },
      ru: { false: 'не слушают', true: 'могут слушать' },
    },
    change: {
      en: {
        true: 'An engine that is not proven may hear answers.',
        false: 'Only a proven engine may hear answers.',
      },
      ru: {
        true: 'Ответы может распознавать и непроверенный движок.',
        false: 'Ответы может распознавать только проверенный движок.',
      },
    },
  }),
}

/** The term of a kept answer, with the reason for a longer one, in the sentence of its legal basis. */
const termOf = ({ voice }: LinePolicy, term: string, longer: string): string => {
  const kept = voice?.keepAnswer
  if (!kept) return ''
  const why = !isTermUsual(kept) && ` (${longer} {voice.keepAnswer.longerBecause})`
  return `; ${term} {voice.keepAnswer.retentionDays}${why || ''}`
}

/** The fields of `voice.keepAnswer`. An empty legal basis means that no answer is kept. */
export const KEPT_ANSWER = {
  legalBasis: required(freeText, {
    control: 'text',
    place: 'hearing',
    label: {
      en: 'Legal basis of keeping the spoken yes; empty: it is not kept',
      ru: 'Правовое основание хранить сказанное «да»; пусто — не хранится',
    },
    sentence: {
      en: (_, line) =>
        `The spoken yes itself is kept as a recording: {voice.keepAnswer.legalBasis}${termOf(line, 'for', 'longer than 30 days because')}`,
      ru: (_, line) =>
        `Само сказанное «да» хранится записью: {voice.keepAnswer.legalBasis}${termOf(line, 'срок', 'дольше 30 дней, потому что')}`,
    },
    none: { en: 'no', ru: 'нет' },
    change: {
      en: (to: unknown) =>
        to === undefined
          ? 'A spoken yes is not kept any more.'
          : `A spoken yes is kept as a recording of its own. The legal basis: ${String(to)}`,
      ru: (to: unknown) =>
        to === undefined
          ? 'Сказанное «да» больше не хранится.'
          : `Сказанное «да» хранится отдельной записью. Правовое основание: ${String(to)}`,
    },
  }),
  retentionDays: defaulted(retentionDays, USUAL_RETENTION_DAYS, {
    control: 'days',
    place: 'hearing',
    label: { en: 'The spoken yes is kept for, days', ru: 'Срок хранения сказанного «да», дней' },
    change: {
      en: (to, from?: number) =>
        `A kept yes is due after ${en.days(to)}${from === undefined ? '' : `, before after ${from}`}.`,
      ru: (to, from?: number) =>
        `Запись сказанного «да» хранится ${ru.days(to)}${from === undefined ? '' : `, раньше — ${from}`}.`,
    },
  }),
  longerBecause: optional(freeText, undefined, {
    control: 'text',
    place: 'hearing',
    label: {
      en: 'Why the spoken yes is kept longer than 30 days',
      ru: 'Почему сказанное «да» хранится дольше 30 дней',
    },
    change: {
      en: to =>
        to === undefined
          ? 'The term of a kept yes has no reason any more for being longer.'
          : `The reason for the longer term of a kept yes: ${to}`,
      ru: to =>
        to === undefined
          ? 'Причины дольше хранить сказанное «да» больше нет.'
          : `Причина дольше хранить сказанное «да»: ${to}`,
    },
  }),
}

const keepAnswer = z.strictObject(inLine(KEPT_ANSWER)).refine(isTermReasoned, unreasoned)

/** How a line by voice hears its callers. */
export const voice = z.strictObject({
  ...inLine(VOICE),
  // A line that inherits the setting to keep answers refuses it with `false`.
  keepAnswer: z.union([z.literal(false), keepAnswer]).exactOptional(),
})

/** The part of it that lines of a group share. */
export const sharedVoice = z
  .strictObject({ ...inGroup(VOICE), keepAnswer: z.strictObject(inGroup(KEPT_ANSWER)).partial() })
  .partial()
