import type { z } from 'zod'

/** One of the values of a list in a query. The form sends an empty text for any, and an address that somebody mistypes narrows nothing. */
export const chosen = <T extends z.ZodType>(value: T) =>
  value.optional().catch(undefined as z.output<T> | undefined)
