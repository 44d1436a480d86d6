// A form is not sent again until its answer has arrived, so that a double click is one action. Forms that a script of
// their page sends guard themselves.

const SENT = 'data-sent'

/** Lets forms be sent again. */
function release(forms: Iterable<Element>): void {
  for (const form of forms) form.removeAttribute(SENT)
}
const allSent = () => document.querySelectorAll(`form[${SENT}]`)

document.addEventListener(
  'submit',
  event => {
    if (!(event.target instanceof HTMLFormElement) || !event.target.hasAttribute(SENT)) return
    event.preventDefault()
    event.stopImmediatePropagation()
  },
  { capture: true },
)
document.addEventListener('submit', ({ target, defaultPrevented }) => {
  if (!(target instanceof HTMLFormElement) || target.method !== 'post') return
  // A plain form that was prevented is sent by a script of its page.
  if (!defaultPrevented || target.hasAttribute('hx-post')) target.setAttribute(SENT, '')
})
document.addEventListener('htmx:finally:request', ({ target }) => {
  if (target instanceof Element) release([target])
})
// The browser restores a kept page in the state in which it was left.
addEventListener('pageshow', () => release(allSent()))
// Escape stops the browser from loading the answer.
addEventListener('keydown', ({ key }) => {
  if (key === 'Escape') release(allSent())
})
