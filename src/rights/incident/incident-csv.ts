import type { IncidentItem } from './incident-rows.js'

const COLUMNS = ['person', 'call', 'recording', 'purpose', 'recordedAt', 'state'] as const

/** Text that a spreadsheet would run as a formula. An international telephone number does not match. */
const FORMULA = /^(?:[=@\t\r]|[+-](?!\d*$))/

/**
 * Makes the list of an incident as CSV (RFC 4180), in pieces. Formulas get an apostrophe in front, because a caller can
 * choose the text of the number.
 */
export async function* incidentCsv(items: readonly IncidentItem[]): AsyncGenerator<string> {
  yield `${COLUMNS.join(',')}\r\n`
  for (const item of items) yield `${COLUMNS.map(column => csvField(item[column])).join(',')}\r\n`
}

function csvField(value: string | Date): string {
  const text = value instanceof Date ? value.toISOString() : value
  const safe = FORMULA.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
