import type { AriTransport } from './transport/ari-transport.js'

/** From one beat to the next, ms. Keepers take a service without a beat for three of these as gone. */
const BEAT_MS = 1_000

/** The global variable of the beat, and the id of the service's data folder, which is its value; see `keeper/protocol.ts`. */
export interface Beat {
  variable: string
  id: string
}

/** The global variable in which the services of an application show that they live. */
export const beatVariable = (app: string): string => `CONSENTRY_SERVICE_${app}`

/**
 * Writes a beat into a global variable of the PBX each second, as long as the service hears the application. A leftover
 * keeper of another data folder then leaves this service's callers alone.
 *
 * @param heard the transport while the application is heard; undefined otherwise
 * @returns `write` for a beat at once, which resolves whatever the PBX says; `stop`
 */
export function startBeat({ variable, id }: Beat, heard: () => AriTransport | undefined) {
  let count = 0
  let writing = false
  async function write(ari: AriTransport): Promise<void> {
    writing = true
    count += 1
    const args = { variable, value: `${id} ${count}` }
    await ari.request('asterisk', 'setGlobalVar', args).catch(() => undefined)
    writing = false
  }
  const timer = setInterval(() => {
    const ari = heard()
    if (ari && !writing) void write(ari)
  }, BEAT_MS)
  timer.unref()
  return { write, stop: () => clearInterval(timer) }
}
