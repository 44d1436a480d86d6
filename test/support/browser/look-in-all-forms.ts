import type { Page } from 'playwright-core'
import type { Test } from 'tap'
import { isLong } from '../fuzz/seeded.js'
import type { openPage } from './browser.js'
import { type Form, SIZES } from './form.js'
import { brokenWords, faultsOf, picture } from './look.js'

const LANGUAGES = ['ru', 'en'] as const
const WIDTHS = ['desktop', 'phone'] as const
const THEMES = ['light', 'dark'] as const
/** The one form of each language that the short form of a test looks at: together they have each width and each theme. */
const SHORT = {
  ru: { widths: ['phone'], themes: ['light'], between: [] },
  en: { widths: ['desktop'], themes: ['dark'], between: [] },
} as const
/** Widths between, CSS pixels: columns that fit at both ends may be too narrow for a word there. */
const BETWEEN = [380, 480, 620, 780, 960]
const ALL = { widths: WIDTHS, themes: THEMES, between: BETWEEN }

/** What of a page is looked at in all forms. */
export interface Look {
  /** of the pictures */
  name: string
  /** Opens an empty page in a form. */
  open(form: Form): ReturnType<typeof openPage>
  /** Leads the page to what is looked at. */
  show(page: Page, form: Form): Promise<unknown>
  /** errors that the page may report */
  expected?: RegExp
  /** `open` returns a page that the next look uses too, so it stays open. */
  stays?: boolean
}

/**
 * Looks at a page in all eight forms, and leaves a picture of each. The short form of a test looks at two of them. The page is opened once in
 * each language. The console does not know width and theme, so they change while the page is open.
 */
export async function lookInAllForms(t: Test, { name, open, show, expected, stays }: Look): Promise<void> {
  for (const language of LANGUAGES) {
    const { widths, themes, between } = isLong ? ALL : SHORT[language]
    const first = { language, theme: 'light', width: 'desktop' } as const
    const { page, errors } = await open(first)
    await page.setViewportSize(SIZES[first.width])
    await page.emulateMedia({ colorScheme: first.theme })
    await show(page, first)
    const signIn = new URL(page.url()).pathname === '/sign-in'
    t.equal(signIn, name.startsWith('sign-in'), `${name}: the console has not led to the page to sign in`)
    for (const width of widths) {
      await page.setViewportSize(SIZES[width])
      for (const theme of themes) {
        const form = { language, theme, width }
        await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' })
        await picture(page, name, form)
        // A theme changes nothing but colours.
        const faults = await faultsOf(page, theme === themes[0] ? 'all' : 'colours')
        t.strictSame(faults, [], `${name} ${JSON.stringify(form)}`)
      }
    }
    for (const width of between) {
      await page.setViewportSize({ ...SIZES.phone, width })
      t.strictSame(await brokenWords(page), [], `${name} ${language} ${width}`)
    }
    const own = errors.splice(0).filter(error => !expected?.test(error))
    t.strictSame(own, [], `${name} ${language}`)
    if (!stays) await page.context().close()
  }
}
