import type { WrittenLanguage } from '../../core/policy.js'
import type { ProbeFaultKind } from '../../core/probe-call.js'
import { counted } from '../../lib/plural.js'

type Texts = Readonly<Record<WrittenLanguage, string>>

/** A kind of fault that a probe call can show. */
export interface ProbeFault {
  kind: ProbeFaultKind
  /** For people, without personal data. */
  what: Texts
}

const fault = (kind: ProbeFaultKind, en: string, ru: string): ProbeFault => ({ kind, what: { en, ru } })

/** Every fault of a probe call, in both languages. */
export const probeFaults = {
  notPlaced: (reason: string) =>
    fault('not-placed', `The call was not placed: ${reason}`, `Позвонить не удалось: ${reason}`),
  notAsked: () =>
    fault(
      'not-asked',
      'The call did not reach the service: callers pass unasked and unrecorded.',
      'Звонок не дошёл до службы: звонящих не спрашивают и не записывают.',
    ),
  unfinished: (step: string) =>
    fault(
      'unfinished',
      `The call was not given back to the dialplan in time; the last event was ${step}.`,
      `Звонок вовремя не вернулся в диалплан; последнее событие — ${step}.`,
    ),
  promptCut: (prompt: string, heardMs: number, lengthMs: number) =>
    fault(
      'prompt-cut',
      `The prompt ${prompt} was heard for ${seconds(heardMs)} of ${seconds(lengthMs)} s.`,
      `Фраза ${prompt} звучала ${seconds(heardMs)} с из ${seconds(lengthMs)} с.`,
    ),
  promptMissing: (role: string) =>
    fault('prompt-missing', `No ${role} was played.`, `Не прозвучала фраза: ${role}.`),
  answerDiffers: (purpose: string, wanted: string, got: string | undefined, reason: string | undefined) =>
    fault(
      'answer-differs',
      `The answer for ${purpose} is ${got ?? 'missing'}, not ${wanted}${reason ? ` (${reason})` : ''}.`,
      `Ответ для цели ${purpose}: ${got ?? 'нет'}, а не ${wanted}${reason ? ` (${reason})` : ''}.`,
    ),
  notRecorded: (purpose: string, reason: string | undefined) =>
    fault(
      'not-recorded',
      `Nothing was recorded for ${purpose}, although it was to be${reason ? ` (${reason})` : ''}.`,
      `Для цели ${purpose} записи нет, хотя она должна быть${reason ? ` (${reason})` : ''}.`,
    ),
  recordedUnasked: (purpose: string) =>
    fault(
      'recorded-unasked',
      `A recording was made for ${purpose} without a yes.`,
      `Для цели ${purpose} сделана запись без согласия.`,
    ),
  recordingCut: (purpose: string, reason: string) =>
    fault(
      'recording-cut',
      `The recording for ${purpose} is not whole: ${reason}.`,
      `Запись для цели ${purpose} не цела: ${reason}.`,
    ),
  recordingShort: (purpose: string, got: number, wantedMs: number) =>
    fault(
      'recording-short',
      `The recording for ${purpose} has ${got.toFixed(1)} s, but ${seconds(wantedMs)} s were spoken.`,
      `В записи для цели ${purpose} ${got.toFixed(1)} с, а говорили ${seconds(wantedMs)} с.`,
    ),
  recordingFaulty: (purpose: string, faults: readonly string[]) =>
    fault(
      'recording-faulty',
      `The recording for ${purpose} does not verify, ${counted(faults.length, 'fault', 'faults')}: ${faults.join('; ')}.`,
      `Запись для цели ${purpose} не проходит проверку: ${faults.join('; ')}.`,
    ),
  slow: (stage: 'answer' | 'key' | 'return', ms: number) =>
    fault(
      'slow',
      `${SLOW.en[stage]} took ${seconds(ms)} s.`,
      `Слишком долго: ${SLOW.ru[stage]} — ${seconds(ms)} с.`,
    ),
}

const seconds = (ms: number): string => (ms / 1_000).toFixed(1)

const SLOW = {
  en: {
    answer: 'The answer of the call',
    key: 'The answer after the key',
    return: 'The return to the dialplan',
  },
  ru: { answer: 'ответ на звонок', key: 'ответ после клавиши', return: 'возврат в диалплан' },
}
