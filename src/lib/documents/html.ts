import type { Operator } from '../../core/operator.js'

/** Escaped HTML text. Only `html` and `Html.style` can make it, so that no unescaped text gets into a document. */
export class Html {
  readonly text: string

  private constructor(text: string) {
    this.text = text
  }

  /** The template tag. It escapes every value that is not `Html`, joins lists, and omits `undefined` and `false`. */
  static readonly tag = (pieces: TemplateStringsArray, ...values: Value[]): Html =>
    new Html(pieces.map((piece, i) => (i === 0 ? piece : escaped(values[i - 1]) + piece)).join(''))

  /** A style element. Every `<` is removed, so that the text cannot end the element. */
  static style(css: string): Html {
    return new Html(`<style>${css.replaceAll('<', '')}</style>`)
  }
}

type Value = Html | string | number | false | undefined | readonly Value[]

/** Makes HTML from a template; see `Html.tag`. */
export const html = Html.tag

const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** A sign and the space before its number. The line must not break there. */
const NUMBER_AFTER_SIGN = /(№|No\.|п\.|г\.) (?=[\p{Lu}\d])/gu

const escaped = (value: Value): string => {
  if (value === undefined || value === false) return ''
  if (value instanceof Html) return value.text
  if (typeof value === 'object') return value.map(escaped).join('')
  return String(value)
    .replaceAll(/[&<>"']/g, character => ENTITIES[character]!)
    .replaceAll(NUMBER_AFTER_SIGN, '$1\u00a0')
}

/** @returns the text with `<br>` for each line break */
export const withLineBreaks = (text: string): Html =>
  html`${text.split('\n').map((line, i) => (i === 0 ? html`${line}` : html`<br>${line}`))}`

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
