import type { z } from 'zod'

/**
 * One of the values of a list in a query. An empty text, which the form sends for any value, and an unknown value do
 * not filter.
 */
export const chosen = <T extends z.ZodType>(value: T) =>
  value.optional().catch(undefined as z.output<T> | undefined)
