// What a page says while it waits, and when the console fails or cannot be reached. A quick answer shows nothing.

/** How long an answer may take until the page says that it waits, ms. */
const SLOW_MS = 300

/** Where it is said. Its words are in its data. */
const place = () => document.getElementById('progress')
/** What waits: a button that was pressed, a form, a part of the page. */
const waiting = new Set<Element>()
let timer: ReturnType<typeof setTimeout> | undefined

/** What is said; '': nothing. */
type State = '' | 'busy' | 'failed' | 'lost'

function say(what: State): void {
  const element = place()
  if (!element) return
  element.className = what === '' ? '' : `progress ${what}`
  element.textContent = what === '' ? '' : (element.dataset[what] ?? '')
}

function begin(element: Element): void {
  waiting.add(element)
  element.setAttribute('aria-busy', 'true')
  clearTimeout(timer)
  timer = setTimeout(() => say('busy'), SLOW_MS)
}

function end(what: Exclude<State, 'busy'> = ''): void {
  clearTimeout(timer)
  for (const element of waiting) element.removeAttribute('aria-busy')
  waiting.clear()
  say(what)
}

document.addEventListener('submit', event => {
  const { target, submitter } = event
  if (!(target instanceof HTMLFormElement)) return
  if (event.defaultPrevented) {
    // A form that exchanges a part of the page is reported below. Its button says that it waits, too.
    if (target.hasAttribute('hx-post') && submitter) begin(submitter)
    return
  }
  if (navigator.onLine) return begin(submitter ?? target)
  // The browser would leave the page, and what was typed would be lost.
  event.preventDefault()
  end('lost')
})
document.addEventListener('htmx:before:request', () => {
  const editor = document.getElementById('editor')
  if (editor) begin(editor)
})
document.addEventListener('htmx:finally:request', () => {
  if (waiting.size > 0) end()
})
// The editor stays as it is, with what was typed. Any other refusal stands in it.
document.addEventListener('htmx:response:error', event => {
  const { status } = (event as CustomEvent<{ ctx: { response: { status: number } } }>).detail.ctx.response
  if (status === 429 || status >= 500) end('failed')
})
// No answer came. What was typed is still there.
document.addEventListener('htmx:error', () => end('lost'))
addEventListener('online', () => say(''))
// A page that the browser has kept is shown again as it was left.
addEventListener('pageshow', () => end())
addEventListener('keydown', ({ key }) => {
  if (key === 'Escape') end()
})
