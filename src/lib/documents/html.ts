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
