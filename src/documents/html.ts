/** Text that is HTML already; made by `html` alone, so that nothing gets into a document unescaped. */
export class Html {
  readonly text: string

  private constructor(text: string) {
    this.text = text
  }

  /** The template tag: what is put in is escaped, unless it is HTML itself. A list is put in one after the other. */
  static readonly tag = (pieces: TemplateStringsArray, ...values: Value[]): Html =>
    new Html(pieces.map((piece, i) => (i === 0 ? piece : escaped(values[i - 1]) + piece)).join(''))

  /** A style sheet of ours. What could end its element cannot stand in it. */
  static style(css: string): Html {
    return new Html(`<style>${css.replaceAll('<', '')}</style>`)
  }
}

type Value = Html | string | number | false | undefined | readonly Value[]

/** HTML out of a template; see `Html.tag`. */
export const html = Html.tag

const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** What no line may begin after: a sign and its number. */
const NUMBER_AFTER_SIGN = /(№|No\.|п\.|г\.) (?=[\p{Lu}\d])/gu

const escaped = (value: Value): string => {
  if (value === undefined || value === false) return ''
  if (value instanceof Html) return value.text
  if (typeof value === 'object') return value.map(escaped).join('')
  return String(value)
    .replaceAll(/[&<>"']/g, character => ENTITIES[character]!)
    .replaceAll(NUMBER_AFTER_SIGN, '$1\u00a0')
}

/** Its lines as lines, whatever a text from outside holds. */
export const withLineBreaks = (text: string): Html =>
  html`${text.split('\n').map((line, i) => (i === 0 ? html`${line}` : html`<br>${line}`))}`
