import type { Test } from 'tap'
import { consoleApp } from '../../../src/console/app.js'
import type { App, ConsoleDeps } from '../../../src/console/deps.js'

/** After how many requests strangers get another console: all together have 60 a minute. */
const STRANGERS = 50

/**
 * Consoles for requests of strangers, who are limited together, from any address.
 *
 * @returns gives the console for a stranger's next request
 */
export function consolesForStrangers(t: Test, deps: ConsoleDeps): () => Promise<App> {
  let current: App | undefined
  let asked = 0
  return async () => {
    if (current && asked++ < STRANGERS) return current
    const next = await consoleApp(deps)
    t.teardown(() => next.close())
    current = next
    asked = 1
    return next
  }
}
