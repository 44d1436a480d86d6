import type { IncidentItem } from './incident-rows.js'

const COLUMNS = ['person', 'call', 'recording', 'purpose', 'recordedAt', 'state'] as const

/** What a spreadsheet would take for a formula; a telephone number in international form is none. */
const FORMULA = /^(?:[=@\t\r]|[+-](?!\d*$))/

/** What an incident concerns as CSV (RFC 4180), in pieces. A caller may choose what stands for his number. */
export async function* incidentCsv(items: readonly IncidentItem[]): AsyncGenerator<string> {
  yield `${COLUMNS.join(',')}\r\n`
  for (const item of items) yield `${COLUMNS.map(column => csvField(item[column])).join(',')}\r\n`
}

function csvField(value: string | Date): string {
  const text = value instanceof Date ? value.toISOString() : value
  const safe = FORMULA.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
