import { type FieldRow, fieldTable, type Html, html } from '../../lib/documents/html.js'
import { momentText } from '../../lib/documents/moments.js'
import { categories, reason } from './act-fields.js'
import { type ActHead, purposeText } from './act-head.js'
import type { ActItem } from './act-rows.js'

/** @returns the default name of the file that `consentry act extract` writes */
export const extractFileName = (number: number): string => `act-${number}.json`

/** Widths of all columns but the last, mm. A number, an id, or a date with its time fits on one line. */
const COLUMN_WIDTHS_MM = [8, 20, 26.5, 52.5, 21.5, 26.5]

/** @returns the heading of the annex, the fields common to all rows, and the head of its table; `TABLE_END` closes the table */
export function annexStart(head: ActHead): Html {
  const { act, words, operator, log } = head
  const { columns } = words
  const common: FieldRow[] = [
    [words.system, operator?.system ?? words.systemName],
    [words.categories, categories(head).join('; ')],
    [words.reason, reason(head)],
    ...(log ? [[words.log, html`<span class="id">${log}</span>`] satisfies FieldRow] : []),
  ]
  return html`<section class="annex">
<h2>${words.annex.to(act.number)} <span class="what">${words.annex.what}</span></h2>
<h3>${words.annex.intro}</h3>
${fieldTable(common)}
<p class="note">${words.annex.proof(extractFileName(act.number))}</p>
<table class="list">
<colgroup>${COLUMN_WIDTHS_MM.map(width => html`<col style="width: ${width}mm">`)}<col></colgroup>
<thead><tr><th>№</th><th>${columns.person}</th><th>${columns.called}</th><th>${columns.ids}</th><th>${columns.purpose}</th><th>${columns.destroyed}</th><th>${columns.event}</th></tr></thead>
<tbody>
`
}

/** @param n counts from 1 */
export function itemRow(item: ActItem, n: number, { words, language }: ActHead): Html {
  const person = item.person.replaceAll('*', '•') || words.unknownPerson
  return html`<tr class="num"><td class="n">${n}</td><td>${person}</td><td>${momentText(item.calledAt, language)}</td><td class="id">${item.call}<br>${item.recording}</td><td>${purposeText(item.purpose, words)}</td><td>${momentText(item.destroyedAt, language)}</td><td class="n">${item.event ?? ''}</td></tr>
`
}

export const TABLE_END = html`</tbody></table>
</section>
`
