// Plays the sound of a link in the page: one at a time. Pressed again, it stops. It listens to the whole document, because parts of pages are
// exchanged.
const audio = new Audio()
/** The link whose sound plays, and its label at rest. */
let playing: { link: HTMLElement; label: string } | undefined

/** Stops the present sound, if any. */
function stop(): void {
  audio.pause()
  playing?.link.removeAttribute('data-playing')
  playing?.link.setAttribute('aria-label', playing.label)
  playing = undefined
}

audio.addEventListener('ended', stop)
document.addEventListener('click', event => {
  const link =
    event.target instanceof Element ? event.target.closest<HTMLAnchorElement>('a[data-play]') : null
  // With a modifier key the browser opens the sound elsewhere, as with any link.
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return
  event.preventDefault()
  const isSame = playing?.link === link
  stop()
  if (isSame) return
  const label = link.getAttribute('aria-label') ?? ''
  playing = { link, label }
  link.setAttribute('data-playing', '')
  link.setAttribute('aria-label', link.dataset['stop'] ?? label)
  audio.src = link.href
  audio.play().catch(() => {
    // Another sound was started meanwhile, or this one cannot be loaded.
    if (playing?.link === link) stop()
  })
})
