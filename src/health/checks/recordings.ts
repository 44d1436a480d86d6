import type { AlarmKind, Trouble } from '../../shared/alarms.js'
import type { RecordingSigns } from '../../shared/ports.js'

/** Audio that has not become durable for so long, ms: a store takes some tens of milliseconds, and gives up after 20 s. */
const STUCK_MS = 5_000

export const RECORDING_ALARMS: readonly AlarmKind[] = ['leg-silent', 'container-stuck', 'pipe-filling']

/**
 * What is wrong with the recordings that run.
 *
 * @param silentMs so long may nothing be heard of a leg
 */
export const recordingTroubles = (signs: readonly RecordingSigns[], silentMs: number): Trouble[] =>
  signs.flatMap(({ recording, call, silentMs: silent, stuckMs, heldBytes }): Trouble[] => [
    ...(['caller', 'agent'] as const)
      .filter(leg => silent[leg] >= silentMs)
      .map((leg): Trouble => {
        const detail = `nothing is heard of the ${leg} for ${silentMs / 1000} s: on hold, muted, or the sound does not arrive`
        return { alarm: 'leg-silent', recording, call, leg, detail }
      }),
    ...(stuckMs >= STUCK_MS
      ? [
          {
            alarm: 'container-stuck' as const,
            recording,
            call,
            detail: 'audio comes, and the container does not grow',
          },
        ]
      : []),
    ...(heldBytes > 0
      ? [
          {
            alarm: 'pipe-filling' as const,
            recording,
            call,
            detail: 'half of what the keeper may hold of it waits there',
          },
        ]
      : []),
  ])
