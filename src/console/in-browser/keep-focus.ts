// Keeps the keyboard focus when a part of the page is replaced and the focused element goes. The focus moves to the
// button of the value whose form was open, else to the pressed button, else to the content.

/** Finds the element that gets the focus. Undefined while the focus is outside the part. */
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

// Escape closes the form of a value, as the form's link does.
document.addEventListener('keydown', ({ key, target }) => {
  if (key !== 'Escape' || !(target instanceof Element)) return
  target.closest('#edit')?.querySelector<HTMLElement>('[hx-get]')?.click()
})
