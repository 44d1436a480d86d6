import { DAY_MS } from '../core/clock.js'
import { type Request, text, UsageError } from './command.js'

const DAY = /^\d{4}-\d\d-\d\d$/
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/

/**
 * A moment from an option: ISO 8601 with an offset, or a day (UTC), which means its first moment.
 *
 * @throws UsageError
 */
export const momentOf = (request: Request, name: string): Date | undefined => read(request, name, 0)

/** The same, but a day means its end, so that something kept until a day is also kept on that day. */
export const endOf = (request: Request, name: string): Date | undefined => read(request, name, DAY_MS)

function read(request: Request, name: string, dayMs: number): Date | undefined {
  const given = text(request, name)
  if (given === undefined) return undefined
  const day = DAY.test(given)
  const at = Date.parse(given)
  // `Date.parse` accepts the 31st of February as a day in March.
  const real = day ? !Number.isNaN(at) && new Date(at).toISOString().startsWith(given) : TIME.test(given)
  if (!real || Number.isNaN(at))
    throw new UsageError(`--${name} takes a day, 2026-01-31, or a moment, 2026-01-31T09:30:00Z`)
  return new Date(at + (day ? dayMs : 0))
}
