import type { Lab } from '../../../lab/lab.js'
import { readConfig } from '../../../src/config/config.js'
import { consoleApp } from '../../../src/console/app.js'
import type { ConsoleDeps } from '../../../src/console/deps.js'
import { openDatabase } from '../../../src/db/database.js'
import { systemClock } from '../../../src/shared/clock.js'
import { changes, isApi, isStream, routesOf } from '../../support/processes/console-routes.js'
import { log } from '../support/bench-database.js'
import type { Visitor } from './visitors.js'

/** A page that exists. */
export interface Page {
  /** As its route is declared, such as `/lines/:number`. */
  route: string
  /** An address of it. */
  path: string
}

/** Answers that are no pages: sounds, which browsers get when somebody wants to hear them. */
const NO_PAGES = ['/prompts/:name/:language/audio']

/**
 * The pages of the console, by its routes, each with an address that has something to show.
 *
 * @throws Error if a parameter of a new page has no value here
 */
export async function pagesOf(lab: Lab, visitor: Visitor): Promise<Page[]> {
  const db = openDatabase(lab.database.consoleUrl)
  try {
    const config = readConfig(lab.env, 'tool')
    const app = await consoleApp({ config, db, clock: systemClock, log } as ConsoleDeps)
    const routes = routesOf(app).filter(
      route => !isApi(route) && !changes(route) && !isStream(route) && !NO_PAGES.includes(route.url),
    )
    await app.close()
    const { id: call } = await db
      .selectFrom('call')
      .select('id')
      .where('decision', '=', 'granted')
      .orderBy('started_at', 'desc')
      .executeTakeFirstOrThrow()
    const known = { number: '100', draft: await beginDraft(lab, visitor), call }
    return routes.map(({ url: route }) => ({ route, path: filled(route, known) }))
  } finally {
    await db.close()
  }
}

function filled(route: string, known: Readonly<Record<string, string>>): string {
  const values: Readonly<Record<string, string>> = route.startsWith('/prompts')
    ? { name: 'disclosure-key', language: 'ru' }
    : { ...known, name: 'admin' }
  return route.replaceAll(/:(\w+)/g, (_, name: string) => {
    const value = values[name]
    if (value === undefined) throw new Error(`${route} is new: give :${name} a value in the benchmark`)
    return value
  })
}

/** Begins a draft of a line. @returns its id */
async function beginDraft({ ready }: Lab, visitor: Visitor): Promise<string> {
  const answer = await fetch(`${ready.console}/api/v1/lines/100/drafts`, {
    method: 'POST',
    headers: { ...visitor, 'content-type': 'application/json' },
    body: '{}',
  })
  const { id } = (await answer.json()) as { id?: string }
  if (!id) throw new Error(`no draft was begun: ${answer.status}`)
  return id
}
