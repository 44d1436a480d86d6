import type { Page } from 'playwright-core'

/** The id of the element that has the focus. */
export const focused = (page: Page) => page.evaluate(() => document.activeElement?.id)

/** What has the focus, if nothing of it is seen because something lies above it. */
export const coveredFocus = (page: Page) =>
  page.evaluate(() => {
    const element = document.activeElement as HTMLElement
    const { left, right, top, bottom } = element.getBoundingClientRect()
    const points = [left + 2, (left + right) / 2, right - 2].flatMap(x =>
      [top + 2, (top + bottom) / 2, bottom - 2].map(y => document.elementFromPoint(x, y)),
    )
    return points.some(found => found && (element.contains(found) || found.contains(element)))
      ? undefined
      : element.outerHTML.slice(0, 120)
  })
