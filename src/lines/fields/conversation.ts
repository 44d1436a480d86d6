import * as z from 'zod'
import { defaulted, optional } from './field.js'
import { keys, slug } from './forms.js'
import { en, ru } from './wording.js'

/** The fields of the conversation after the answer. */
export const CONVERSATION = {
  onWithdraw: defaulted(z.enum(['destroy', 'keep']), 'destroy', {
    control: 'choice',
    place: 'withdrawal',
    label: { en: 'After a withdrawal, what was recorded', ru: 'После отзыва записанное' },
    sentence: {
      en: to =>
        `{keys.withdraw} the caller withdraws consent: what was recorded${to === 'keep' ? ' before' : ''} {onWithdraw}`,
      ru: to =>
        `{keys.withdraw} звонящий отзывает согласие: записанное${to === 'keep' ? ' до этого' : ''} {onWithdraw}`,
    },
    choices: {
      en: { destroy: 'is destroyed', keep: 'is kept' },
      ru: { destroy: 'уничтожается', keep: 'хранится' },
    },
    change: {
      en: {
        destroy: 'A withdrawal destroys the recording.',
        keep: 'A withdrawal keeps the recording up to it.',
      },
      ru: {
        destroy: 'При отзыве согласия запись уничтожается.',
        keep: 'При отзыве согласия запись до отзыва сохраняется.',
      },
    },
  }),

  onOutsider: optional(z.enum(['pause', 'own-side', 'ask']), 'pause', {
    control: 'choice',
    place: 'outsiders',
    label: {
      en: 'While somebody from outside is there who has not agreed',
      ru: 'Пока в разговоре есть посторонний без согласия',
    },
    sentence: {
      en: 'While somebody from outside is there who has not agreed, {onOutsider}',
      ru: 'Пока в разговоре есть посторонний без согласия, {onOutsider}',
    },
    choices: {
      en: {
        pause: 'nothing is recorded',
        'own-side': 'only what the caller says is recorded',
        ask: 'nothing is recorded, and that person is asked to agree',
      },
      ru: {
        pause: 'ничего не записывается',
        'own-side': 'записывается только то, что говорит звонящий',
        ask: 'ничего не записывается, а его спрашивают о согласии',
      },
    },
  }),

  outsiderDisclosure: optional(slug, null, {
    control: 'prompt',
    place: 'outsiders',
    label: {
      en: 'What somebody from outside hears first who is asked',
      ru: 'Что слышит перед вопросом посторонний без согласия',
    },
    none: { en: 'the first prompt of the line', ru: 'фразу в начале линии' },
    change: {
      en: to =>
        to === undefined
          ? 'Somebody from outside who is asked hears the disclosure of the line.'
          : `Somebody from outside who is asked hears ${en.quoted(to)} in place of the disclosure.`,
      ru: to =>
        to === undefined
          ? 'Посторонний, которого спрашивают о согласии, слышит предупреждение линии.'
          : `Посторонний, которого спрашивают о согласии, слышит ${ru.quoted(to)} вместо предупреждения линии.`,
    },
  }),

  onHold: optional(z.enum(['record', 'pause']), 'record', {
    control: 'choice',
    place: 'during',
    label: {
      en: 'While the caller is on hold or waits alone',
      ru: 'Пока звонящий на удержании или ждёт один',
    },
    sentence: {
      en: 'While the caller is on hold or waits alone, {onHold}',
      ru: 'Пока звонящий на удержании или ждёт один, {onHold}',
    },
    choices: {
      en: { record: 'the recording continues', pause: 'nothing is recorded' },
      ru: { record: 'запись продолжается', pause: 'запись стоит' },
    },
  }),

  askKeys: optional(keys, null, {
    control: 'keys',
    place: 'during',
    label: {
      en: 'Keys with which the agent has the caller asked in the conversation, if there are any',
      ru: 'Клавиши, которыми оператор просит спросить звонящего посреди разговора, если они нужны',
    },
    sentence: {
      en: to =>
        to === undefined
          ? 'Keys of the agent by which the caller is asked for consent in the conversation: {askKeys}'
          : '{askKeys} from the agent: the caller is asked for consent in the conversation',
      ru: to =>
        to === undefined
          ? 'Клавиши оператора, которыми звонящего спрашивают о согласии посреди разговора: {askKeys}'
          : '{askKeys} — этими клавишами оператор просит спросить звонящего о согласии посреди разговора',
    },
    none: { en: 'none', ru: 'нет' },
    change: {
      en: to =>
        to === undefined
          ? 'No keys of the agent ask the caller for consent any more.'
          : `By the keys ${en.quoted(to)} the agent has the caller asked for consent in the conversation.`,
      ru: to =>
        to === undefined
          ? 'Клавиши оператора больше не спрашивают звонящего о согласии.'
          : `Клавишами ${ru.quoted(to)} оператор просит спросить звонящего о согласии посреди разговора.`,
    },
  }),

  pauseMaxMs: defaulted(z.int().min(1_000).max(3_600_000), 120_000, {
    control: 'seconds',
    place: 'pause',
    label: { en: 'Longest pause, s', ru: 'Самая долгая пауза, с' },
    sentence: {
      en: '{keys.pause} the agent pauses the recording, for at most {pauseMaxMs}',
      ru: '{keys.pause} оператор приостанавливает запись, не дольше чем на {pauseMaxMs}',
    },
    change: {
      en: (to, from) => `A pause lasts at most ${en.span(to)}, before ${en.span(from)}.`,
      ru: (to, from) => `Пауза длится не дольше ${ru.spanGenitive(to)}, раньше — ${ru.spanGenitive(from)}.`,
    },
  }),
}
