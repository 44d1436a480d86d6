import type { VNode } from 'preact'
import { render } from 'preact-render-to-string'

/** Characters that turn the direction of what follows them (Unicode UAX #9, explicit formatting). */
const TURNING = /[\u202A-\u202E\u2066-\u2069]/g
/** The content between two tags. */
const TEXTS = />[^<]+/g

/**
 * Renders a part of a page as HTML. Invisible characters that would change the direction of adjacent text are shown by
 * their codes, such as `[U+202E]`. Attributes keep them, so that a form sends its values unchanged.
 */
export function htmlOf(part: VNode): string {
  const html = render(part)
  if (html.search(TURNING) < 0) return html
  return html.replace(TEXTS, text => text.replace(TURNING, codeOf))
}

const codeOf = (character: string): string => `[U+${character.codePointAt(0)!.toString(16).toUpperCase()}]`
