import { changes, type DeclaredRoute, isApi, isStream } from '../../support/processes/console-routes.js'

/** A page that exists. */
export interface Page {
  /** As its route is declared, such as `/lines/:number`. */
  route: string
  /** An address of it. */
  path: string
}

/** What the parameters of the pages stand for. */
export interface Known {
  number: string
  draft: string
  group: string
}

/** Answers that are not measured: a sound, and pages that show a secret once. */
const LEFT_OUT = [
  '/prompts/:name/:language/audio',
  '/people/links/:link',
  '/me/second-factor',
  '/me/recovery-codes/:made',
  '/invitation/begun/:made',
  '/invitation/codes/:made',
]

/**
 * The pages of the console, by its routes, each with an address that has something to show.
 *
 * @throws Error if a parameter of a new page has no value here
 */
export const pagesAmong = (routes: readonly DeclaredRoute[], known: Known): Page[] =>
  routes
    .filter(route => !isApi(route) && !changes(route) && !isStream(route) && !LEFT_OUT.includes(route.url))
    .map(({ url: route }) => ({ route, path: addressOf(route, known) }))

function addressOf(route: string, known: Known): string {
  const values: Readonly<Record<string, string>> = {
    ...known,
    // A page about oneself leads to another one.
    ...(route.startsWith('/prompts') ? { name: 'disclosure-key', language: 'ru' } : { name: 'supervisor' }),
  }
  return route.replaceAll(/:(\w+)/g, (_, name: string) => {
    const value = values[name]
    if (value === undefined) throw new Error(`${route} is new: give :${name} a value in the benchmark`)
    return value
  })
}
