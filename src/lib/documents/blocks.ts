import type { Operator } from '../../core/operator.js'
import { type Html, html, withLineBreaks } from './html.js'

/** A blank line to fill in by hand. */
export const BLANK_LINE = html`<span class="blank"></span>`
export const BLANK_LINES = html`${BLANK_LINE}${BLANK_LINE}`

export type FieldRow = [label: string, value: Html | string]

/** @returns a table of fields with their labels; with `numbered`, the rows are numbered from 1 */
export const fieldTable = (rows: readonly FieldRow[], numbered = false): Html =>
  html`<table class="fields"><tbody>
${rows.map(
  ([label, value], i) =>
    html`<tr>${numbered && html`<td class="n">${i + 1}</td>`}<th class="label" scope="row">${label}</th><td>${value}</td></tr>
`,
)}</tbody></table>`

/** @returns a signature line; the position and the name are blank if the officer is not configured */
export const signatureLine = (
  officer: Operator['officer'],
  words: { position: string; signature: string; name: string },
): Html => html`<div class="sign">
<div class="line">${officer?.position}</div><div class="line"></div><div class="line">${officer?.name}</div>
<div class="hint">${words.position}</div><div class="hint">${words.signature}</div><div class="hint">${words.name}</div>
</div>`

/** @returns name, address and tax number of the operator; blank lines if no operator is configured */
export function operatorText(operator: Operator | undefined, taxId: string): Html {
  if (!operator) return BLANK_LINES
  const { name, address } = operator
  return html`${name}<br>${withLineBreaks(address)}${operator.taxId && html`<br>${taxId} ${operator.taxId}`}`
}
