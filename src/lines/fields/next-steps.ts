import * as z from 'zod'
import { defaulted, type InEach } from './field.js'

/** A context or extension, without characters that have a meaning in a dialplan. */
const dialplanTarget = z
  .string()
  .min(1, 'must not be empty')
  .regex(/^[A-Za-z0-9_*#+-]{1,79}$/, 'may hold only letters, digits and _ * # + -')

const nextStep = z.discriminatedUnion('do', [
  z.strictObject({ do: z.literal('continue') }),
  z.strictObject({
    do: z.literal('transfer'),
    context: dialplanTarget,
    extension: dialplanTarget,
    priority: z.int().min(1).max(999),
  }),
  z.strictObject({ do: z.literal('hangup') }),
])

const stepField = (label: InEach<string>) =>
  defaulted(nextStep, { do: 'continue' }, { control: 'step', place: 'next', label })

/** Where a call goes after an answer. */
export const NEXT_STEPS = {
  onRefused: stepField({ en: 'After a no', ru: 'После отказа' }),
  onSilent: stepField({ en: 'After silence', ru: 'После молчания' }),
  onFailed: stepField({ en: 'After a fault', ru: 'После сбоя' }),
}
