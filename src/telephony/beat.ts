import type { AriTransport } from './transport/ari-transport.js'

/** Time from one beat to the next, ms. A keeper takes a service for gone when three beats are missing. */
const BEAT_MS = 1_000

/** The global variable of the beat, and the id of the service's data folder, which is part of its value. See `keeper/protocol.ts`. */
export interface Beat {
  variable: string
  id: string
}

/** The name of the global variable in which services of an application write their beat. */
export const beatVariable = (app: string): string => `CONSENTRY_SERVICE_${app}`

/**
 * Writes a beat into a global variable of the PBX each second, while the service is connected. So a leftover keeper of another data
 * folder does not rescue this service's callers.
 *
 * @param connection gives the transport while the service is connected; undefined otherwise
 * @returns `write`, which writes a beat at once and never rejects; `stop`
 */
export function startBeat({ variable, id }: Beat, connection: () => AriTransport | undefined) {
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
    const ari = connection()
    if (ari && !writing) void write(ari)
  }, BEAT_MS)
  timer.unref()
  return { write, stop: () => clearInterval(timer) }
}
