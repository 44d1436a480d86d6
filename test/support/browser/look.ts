import { mkdir, readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { projectRoot } from '../../../src/lib/process/project.js'
import type { Form } from './form.js'

/** Where the pictures of the pages are left, for people to look at: an artefact of `.ci/run`. */
const SCREENS = join(projectRoot(), 'out', 'screens')
const axeSource = readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** The rules of axe about colours, of those that it checks unasked. */
const COLOUR_RULES = ['color-contrast', 'link-in-text-block']

/**
 * What is wrong with how a page looks or reads.
 *
 * @param rules `colours` leaves out what no theme changes
 * @returns a sentence for each fault
 */
export async function faultsOf(page: Page, rules: 'all' | 'colours' = 'all'): Promise<string[]> {
  return rules === 'all'
    ? [...(await overflowing(page)), ...(await brokenWords(page)), ...(await inaccessible(page, {}))]
    : inaccessible(page, { runOnly: COLOUR_RULES })
}

/** Leaves a picture of the whole page. JPEG, because a PNG takes Chromium longer. */
export async function picture(page: Page, name: string, { language, theme, width }: Form): Promise<void> {
  await mkdir(SCREENS, { recursive: true })
  await page.screenshot({
    path: join(SCREENS, `${name}-${width}-${theme}-${language}.jpeg`),
    fullPage: true,
    quality: 90,
  })
}

/** Elements whose words are wider than the page, or are cut off. */
const overflowing = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const width = document.documentElement.clientWidth
    const wide = [...document.body.querySelectorAll<HTMLElement>('*')].filter(element => {
      // What a closed fold hides has a place, too.
      if (!element.checkVisibility()) return false
      const { right, left } = element.getBoundingClientRect()
      return right > width + 1 && left < right && getComputedStyle(element).position !== 'absolute'
    })
    const cut = [...document.body.querySelectorAll<HTMLElement>('a, button, b, h1, h2, td, th, span')].filter(
      element =>
        // What only a screen reader gets is clipped on purpose.
        !element.classList.contains('unseen') &&
        element.scrollWidth > element.clientWidth + 1 &&
        getComputedStyle(element).overflowX === 'hidden',
    )
    const named = (element: HTMLElement) =>
      `<${element.tagName.toLowerCase()} class="${element.className}"> ${element.textContent?.slice(0, 40)}`
    return [
      ...wide.map(element => `wider than the page: ${named(element)}`),
      ...cut.map(element => `cut off: ${named(element)}`),
    ]
  })

/**
 * Words that begin on one line and end on the next. No word of a language is longer than 30 letters: what is longer, such as a name or a
 * number without blanks, names of settings, and code, may break anywhere.
 */
export const brokenWords = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const broken: string[] = []
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    const range = document.createRange()
    for (let text = texts.nextNode(); text; text = texts.nextNode()) {
      const element = text.parentElement
      if (!element?.checkVisibility() || element.closest('code, pre')) continue
      // What only a screen reader gets is clipped to a point.
      const isClipped = (one: Element | null): boolean =>
        one !== null && (getComputedStyle(one).clipPath !== 'none' || isClipped(one.parentElement))
      if (isClipped(element)) continue
      for (const { 0: word, index } of (text.nodeValue ?? '').matchAll(/[\p{L}\p{M}\p{N}_]+/gu)) {
        if (word.length > 30 || word.includes('_')) continue
        range.setStart(text, index)
        range.setEnd(text, index + word.length)
        const tops = [...range.getClientRects()].filter(({ width }) => width > 0).map(({ top }) => top)
        if (Math.max(...tops) - Math.min(...tops) > 4)
          broken.push(`broken word: ${word} in ${element.textContent?.slice(0, 60)}`)
      }
    }
    return broken
  })

/** A part of what axe tells. */
interface Violations {
  violations: { id: string; help: string; nodes: { html: string }[] }[]
}

/** What axe finds. The debugger adds it, because the page's policy lets no script in. @param options of `axe.run` */
async function inaccessible(page: Page, options: object): Promise<string[]> {
  if (!(await page.evaluate(() => 'axe' in window))) {
    const session = await page.context().newCDPSession(page)
    await session.send('Runtime.evaluate', { expression: await axeSource })
    await session.detach()
  }
  const violations = await page.evaluate(
    async options => {
      const { axe } = window as unknown as { axe: { run(options: object): Promise<Violations> } }
      return (await axe.run(options)).violations
    },
    { ...options, resultTypes: ['violations'] },
  )
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ html }) => `axe ${id}: ${help}: ${html.slice(0, 160)}`),
  )
}
