// A button that copies a text of the page. It is shown once this script runs: without scripts people mark the text themselves.

/** How long the button says that it has copied, ms: long enough to be read, short enough that another copy is told again. */
const SAID_MS = 4_000

/** Copies what an element says. Its text is marked meanwhile, which is also the way where a browser gives no clipboard: over HTTP. */
async function copy(text: HTMLElement): Promise<boolean> {
  getSelection()?.selectAllChildren(text)
  // Each code of a list stands in a line of its own.
  const lines = [...text.querySelectorAll('li')].map(({ textContent }) => textContent).join('\n')
  try {
    await navigator.clipboard.writeText(lines || (text.textContent ?? ''))
    return true
  } catch {
    return document.execCommand('copy')
  }
}

for (const button of document.querySelectorAll<HTMLButtonElement>('button[data-copy]')) {
  const text = document.getElementById(button.dataset['copy'] ?? '')
  const said = button.textContent
  if (!text) continue
  button.hidden = false
  button.addEventListener('click', async () => {
    if (!(await copy(text))) return
    button.textContent = button.dataset['copied'] ?? said
    setTimeout(() => {
      button.textContent = said
    }, SAID_MS)
  })
}
