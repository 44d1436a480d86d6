/** The action of an element without reloading the page. */
interface Move {
  /** Address to get when it is clicked. */
  get?: string
  /** Address to send its form to. */
  post?: string
}

/**
 * Attributes by which a click or a form exchanges the editor only (htmx). Without scripts the element works as a plain one.
 *
 * @param nonce the page's; without it the attributes do nothing
 */
export const moves = (nonce: string, { get, post }: Move): Record<string, string> => ({
  ...(get && { 'hx-get': get }),
  ...(post && { 'hx-post': post }),
  'hx-target': '#editor',
  'hx-select': '#editor',
  'hx-swap': 'outerHTML',
  'hx-nonce': nonce,
})
