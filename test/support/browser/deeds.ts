import type { Page } from 'playwright-core'
import { counted } from '../../../src/lib/plural.js'

/** Counts what a person does on pages, so that a task's effort is seen in the test's output. */
export class Deeds {
  clicks = 0
  keys = 0

  constructor(readonly page: Page) {}

  /** Clicks what has this role and name. */
  async click(role: 'button' | 'link' | 'checkbox', name: string | RegExp): Promise<void> {
    this.clicks += 1
    await this.page
      .getByRole(role, { name, exact: typeof name === 'string' })
      .first()
      .click()
  }

  /** Opens what is folded, by its summary. */
  async unfold(name: string): Promise<void> {
    this.clicks += 1
    await this.page.locator('summary', { hasText: name }).first().click()
  }

  /** Presses a button that asks first, and then the one that does it. */
  async confirm(name: string, deed: string | RegExp): Promise<void> {
    await this.unfold(name)
    await this.click('button', deed)
  }

  /** Types into the field with this label. */
  async type(label: string, text: string): Promise<void> {
    this.keys += [...text].length
    await this.page.getByLabel(label, { exact: true }).fill(text)
  }

  /** Chooses a value in a list with this label. */
  async choose(label: string, value: string): Promise<void> {
    this.clicks += 1
    await this.page.getByLabel(label, { exact: true }).selectOption(value)
  }

  /** Picks a file in the field with this label. */
  async attach(label: string, file: string): Promise<void> {
    this.clicks += 1
    await this.page.getByLabel(label, { exact: true }).setInputFiles(file)
  }

  /** A sentence for the output. */
  get effort(): string {
    return this.since({ clicks: 0, keys: 0 })
  }

  /** The same, since an earlier state. */
  since(before: { clicks: number; keys: number }): string {
    const [clicks, keys] = [this.clicks - before.clicks, this.keys - before.keys]
    return `${counted(clicks, 'click', 'clicks')}, ${counted(keys, 'keystroke', 'keystrokes')}`
  }
}
