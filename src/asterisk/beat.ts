import type { Clock } from '../core/clock.js'
import type { AriTransport } from './transport/ari-transport.js'

/** Time from one beat to the next, ms. A keeper counts a service as gone after three missing beats. */
const BEAT_MS = 1_000
/**
 * A PBX that has accepted no beat for this long does not execute orders, ms. Equals the silence after which its event
 * socket counts as dead.
 */
const NO_ORDERS_MS = 5_000

/** The global variable of the beat, and the data folder's id, which is part of its value. See `keeper/protocol.ts`. */
export interface Beat {
  variable: string
  id: string
}

/** The name of the global variable in which services of an application write their beat. */
export const beatVariable = (app: string): string => `CONSENTRY_SERVICE_${app}`

interface BeatDeps {
  clock: Pick<Clock, 'elapsed' | 'after'>
  /** Gives the transport while the service is connected; undefined otherwise. */
  connection(): AriTransport | undefined
  /** The PBX is connected and does not execute orders. */
  onNoOrders(): void
}

/**
 * Writes a beat into a global variable of the PBX each second while the service is connected, so that a leftover keeper
 * of another data folder does not rescue this service's callers. Each beat is an order, too: a PBX that refuses beats
 * cannot return callers to the dialplan.
 *
 * @returns `write`, which writes a beat at once, and throws AppError `pbx.*` if the PBX does not take it; `stop`
 */
export function startBeat({ variable, id }: Beat, { clock, connection, onNoOrders }: BeatDeps) {
  let count = 0
  let writing = false
  let takenAt = 0
  /** Beats in a row that the PBX did not take. */
  let failures = 0
  let cancel = () => {}

  async function write(ari: AriTransport): Promise<void> {
    writing = true
    count += 1
    try {
      await ari.request('asterisk', 'setGlobalVar', { variable, value: `${id} ${count}` })
      takenAt = clock.elapsed()
      failures = 0
    } finally {
      writing = false
    }
  }
  async function beat(): Promise<void> {
    cancel = clock.after(BEAT_MS, beat)
    const ari = connection()
    if (!ari || writing) return
    try {
      await write(ari)
    } catch {
      failures += 1
      // One beat may fail only because this process stalled.
      const noOrders = failures > 1 && clock.elapsed() - takenAt > NO_ORDERS_MS
      if (noOrders && connection() === ari) onNoOrders()
    }
  }
  cancel = clock.after(BEAT_MS, beat)
  return { write, stop: () => cancel() }
}
