import type { Lab } from '../../../lab/lab.js'
import { readConfig } from '../../../src/config/config.js'
import { consoleApp } from '../../../src/console/app.js'
import type { ConsoleDeps } from '../../../src/console/deps.js'
import { systemClock } from '../../../src/core/clock.js'
import { openDatabase } from '../../../src/db/database.js'
import { routesOf } from '../../support/processes/console-routes.js'
import { log } from '../support/bench-database.js'
import { type Page, pagesAmong } from './addresses.js'
import type { Visitor } from './visitors.js'

/** The line and the group that are looked at. */
const NUMBER = '100'
const GROUP = 'measured'

/** The pages of a lab's console, with a draft and a group to show. @throws Error if a new page has no address */
export async function pagesOf(lab: Lab, visitor: Visitor): Promise<Page[]> {
  const db = openDatabase(lab.database.consoleUrl)
  try {
    const config = readConfig(lab.env, 'tool')
    const app = await consoleApp({ config, db, clock: systemClock, log } as ConsoleDeps)
    const routes = routesOf(app)
    await app.close()
    const draft = await ask<{ id: string }>(lab, visitor, 'POST', `lines/${NUMBER}/drafts`)
    await ask(lab, visitor, 'PUT', `line-groups/${GROUP}`)
    return pagesAmong(routes, { number: NUMBER, draft: draft.id, group: GROUP })
  } finally {
    await db.close()
  }
}

/** Sends a request to the API with an empty body. @throws Error if it is refused */
async function ask<T>({ ready }: Lab, visitor: Visitor, method: string, path: string): Promise<T> {
  const answer = await fetch(`${ready.console}/api/v1/${path}`, {
    method,
    headers: { ...visitor, 'content-type': 'application/json' },
    body: '{}',
  })
  if (!answer.ok) throw new Error(`${path} answers ${answer.status}`)
  return (await answer.json()) as T
}
