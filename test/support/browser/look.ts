import { mkdir, readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { projectRoot } from '../../../src/process/project.js'
import type { Form } from './browser.js'

/** Where the pictures of the pages are left, for people to look at. */
const SCREENS = join(projectRoot(), 'dist', 'screens')
const axeSource = readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** What is wrong with how a page looks or reads: a sentence for each fault. */
export async function faultsOf(page: Page): Promise<string[]> {
  return [...(await overflowing(page)), ...(await inaccessible(page))]
}

/** Leaves a picture of the whole page. */
export async function picture(page: Page, name: string, { language, theme, width }: Form): Promise<void> {
  await mkdir(SCREENS, { recursive: true })
  await page.screenshot({
    path: join(SCREENS, `${name}-${width}-${theme}-${language}.png`),
    fullPage: true,
  })
}

/** Elements whose words are wider than the page, or are cut off. */
const overflowing = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const width = document.documentElement.clientWidth
    const wide = [...document.body.querySelectorAll<HTMLElement>('*')].filter(element => {
      // What is folded away takes no room.
      if (!element.checkVisibility()) return false
      const { right, left } = element.getBoundingClientRect()
      // What a closed fold hides has a place, too.
      if (!element.checkVisibility()) return false
      return right > width + 1 && left < right && getComputedStyle(element).position !== 'absolute'
    })
    const cut = [...document.body.querySelectorAll<HTMLElement>('a, button, b, h1, h2, td, th, span')].filter(
      element =>
        element.scrollWidth > element.clientWidth + 1 && getComputedStyle(element).overflowX === 'hidden',
    )
    const named = (element: HTMLElement) =>
      `<${element.tagName.toLowerCase()} class="${element.className}"> ${element.textContent?.slice(0, 40)}`
    return [
      ...wide.map(element => `wider than the page: ${named(element)}`),
      ...cut.map(element => `cut off: ${named(element)}`),
    ]
  })

/** What axe finds. The debugger adds it, because the page's policy lets no script in. */
async function inaccessible(page: Page): Promise<string[]> {
  const session = await page.context().newCDPSession(page)
  await session.send('Runtime.evaluate', { expression: await axeSource })
  const violations = await page.evaluate(async () => {
    const { axe } = window as unknown as {
      axe: { run(): Promise<{ violations: { id: string; help: string; nodes: { html: string }[] }[] }> }
    }
    return (await axe.run()).violations
  })
  await session.detach()
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ html }) => `axe ${id}: ${help}: ${html.slice(0, 160)}`),
  )
}
