// Shows that the page waits, and that the console failed or cannot be reached. A quick answer shows nothing.

/** Time without an answer until the page shows that it waits, ms. */
const SLOW_MS = 300

/** The element of the notice. Its texts are in its data. */
const place = () => document.getElementById('progress')
/** The waiting element: a pressed button, a form, a part of the page. */
const waiting = new Set<Element>()
let timer: ReturnType<typeof setTimeout> | undefined

/** The notice; '' for none. */
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
    // A form that exchanges a part of the page is reported below. Its button shows the wait, too.
    if (target.hasAttribute('hx-post') && submitter) begin(submitter)
    return
  }
  if (navigator.onLine) return begin(submitter ?? target)
  // The browser would leave the page and lose the typed text.
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
// The editor stays as it is, with the typed text. Any other refusal replaces it.
document.addEventListener('htmx:response:error', event => {
  const { status } = (event as CustomEvent<{ ctx: { response: { status: number } } }>).detail.ctx.response
  if (status === 429 || status >= 500) end('failed')
})
// There was no answer. The typed text is still there.
document.addEventListener('htmx:error', () => end('lost'))
addEventListener('online', () => say(''))
// The browser restores a kept page in the state in which it was left.
addEventListener('pageshow', () => end())
addEventListener('keydown', ({ key }) => {
  if (key === 'Escape') end()
})
