import { z } from 'zod'

/** Loose, so that a line with a wrong field does not keep the others from being listed. */
export const line = z
  .looseObject({ number: z.string(), version: z.int() })
  .describe('A line as in the body of POST, with its version')

/** A line that was put into force. */
export const changedLine = z.object({ line, warnings: z.array(z.string()) })

/** The value of one field of a line, before and after. */
export const difference = z.object({
  field: z.string(),
  before: z.unknown().optional(),
  after: z.unknown().optional(),
})
