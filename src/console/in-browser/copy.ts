// A button that copies a text of the page. It appears once this script runs. Without scripts people select the text
// themselves.

/** How long the button shows its confirmation, ms: long enough to read, short enough to confirm another copy. */
const SAID_MS = 4_000

/** Copies the text of an element. The selection also serves browsers without a clipboard: over HTTP. */
async function copy(text: HTMLElement): Promise<boolean> {
  getSelection()?.selectAllChildren(text)
  // Each code of a list gets a line of its own.
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
