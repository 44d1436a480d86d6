import type { Client } from 'ari-client'
import { rest } from './ari-rest.js'

/** How often a service shows that it hears the application, ms; keepers take one that is silent for three of these for gone. */
const BEAT_MS = 1_000

/** Where a service shows that it lives, and as whom. */
export interface Beat {
  variable: string
  id: string
}

/** The global variable in which the services of an application show that they live. */
export const beatVariable = (app: string): string => `CONSENTRY_SERVICE_${app}`

/**
 * Writes each second into a global variable of the PBX that this service lives, for as long as it hears the application. So no
 * keeper that another data folder left over takes its callers out of the question.
 *
 * @param hears the client while the application is heard; undefined otherwise
 * @returns `write` for a beat at once, which resolves whatever the PBX says; `stop`
 */
export function startBeat({ variable, id }: Beat, hears: () => Client | undefined) {
  let count = 0
  let writing = false
  async function write(client: Client): Promise<void> {
    writing = true
    count += 1
    const args = { variable, value: `${id} ${count}` }
    await rest(client, 'asterisk', 'setGlobalVar', args).catch(() => undefined)
    writing = false
  }
  const timer = setInterval(() => {
    const client = hears()
    if (client && !writing) void write(client)
  }, BEAT_MS)
  timer.unref()
  return { write, stop: () => clearInterval(timer) }
}
