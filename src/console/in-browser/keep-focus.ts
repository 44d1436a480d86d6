// Where a part of the page is exchanged, what had the focus is gone. The focus goes to the button of the value whose form was open, else to
// the button that was pressed, else to the content, so that the keyboard goes on from there.

/** Finds what gets the focus. Undefined: the focus is not in the part. */
let find: (() => HTMLElement | null) | undefined

document.addEventListener('htmx:before:swap', () => {
  const focused = document.activeElement
  const field = document.querySelector<HTMLInputElement>('#edit [name=field]')?.value
  const { name, value } = focused instanceof HTMLButtonElement ? focused : { name: '', value: '' }
  find = focused?.closest('#editor')
    ? () =>
        (field === undefined ? null : document.getElementById(`value-${field}`)) ??
        (name
          ? document.querySelector<HTMLElement>(`#editor button[name="${name}"][value="${value}"]`)
          : null)
    : undefined
})

document.addEventListener('htmx:after:swap', () => {
  const isLost = !document.activeElement || document.activeElement === document.body
  if (!find || !isLost) return
  const found = find()
  if (found) found.focus()
  else document.getElementById('content')?.focus({ preventScroll: true })
})

// Escape leaves the value whose form is open, as the link of the form does.
document.addEventListener('keydown', ({ key, target }) => {
  if (key !== 'Escape' || !(target instanceof Element)) return
  target.closest('#edit')?.querySelector<HTMLElement>('[hx-get]')?.click()
})
