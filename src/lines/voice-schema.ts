import * as z from 'zod'
import { SPEECH_ENGINES } from '../core/speech.js'
import { freeText, isTermReasoned, retentionDays, USUAL_RETENTION_DAYS, unreasoned } from './field-schemas.js'

const keepAnswer = z
  .strictObject({
    retentionDays: retentionDays.default(USUAL_RETENTION_DAYS),
    longerBecause: freeText.exactOptional(),
    legalBasis: freeText,
  })
  .refine(isTermReasoned, unreasoned)

const voiceFields = {
  engine: z.enum(SPEECH_ENGINES),
  threshold: z.number().min(0.5).max(0.99),
  weak: z.enum(['confirm', 'key']),
  keyAfterYes: z.boolean(),
  experimental: z.boolean(),
}
/** How a line by voice hears its callers. */
export const voice = z.strictObject({
  engine: voiceFields.engine,
  threshold: voiceFields.threshold.default(0.7),
  weak: voiceFields.weak.default('confirm'),
  keyAfterYes: voiceFields.keyAfterYes.default(false),
  experimental: voiceFields.experimental.default(false),
  // A line that inherits the setting to keep answers refuses it with `false`.
  keepAnswer: z.union([z.literal(false), keepAnswer]).exactOptional(),
})

/** The part of it that lines of a group share. */
export const sharedVoice = z
  .strictObject({
    ...voiceFields,
    keepAnswer: z.strictObject({ retentionDays, longerBecause: freeText, legalBasis: freeText }).partial(),
  })
  .partial()
