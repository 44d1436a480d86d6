import type { AlarmKind, Trouble } from '../../../core/alarms.js'
import type { RecordingSigns } from '../../../core/ports.js'

/** How long audio may wait to become durable before the alarm, ms. A store takes some 10 ms, and gives up after 20 s. */
const STUCK_MS = 5_000

export const RECORDING_ALARMS: readonly AlarmKind[] = [
  'leg-silent',
  'tap-stopped',
  'container-stuck',
  'pipe-filling',
]

/**
 * The troubles of running recordings.
 *
 * @param silentMs how long a leg may be silent, ms
 * @param isLate whether this process is late: then audio may wait for it, not for a disk
 */
export const recordingTroubles = (
  signs: readonly RecordingSigns[],
  silentMs: number,
  isLate = false,
): Trouble[] =>
  signs.flatMap(({ recording, call, silentMs: silent, stuckMs, heldBytes, stops }): Trouble[] => [
    ...(['caller', 'agent'] as const)
      .filter(leg => silent[leg] >= silentMs)
      .map((leg): Trouble => {
        const detail = `nothing is heard of the ${leg} for ${silentMs / 1000} s: on hold, muted, or the sound does not arrive`
        return { alarm: 'leg-silent', recording, call, leg, detail }
      }),
    ...(stops > 0
      ? [
          {
            alarm: 'tap-stopped' as const,
            recording,
            call,
            detail:
              'somebody else stops MixMonitors of this channel (StopMixMonitor, one-touch recording): what is lost until ours runs again is journalled',
          },
        ]
      : []),
    ...(stuckMs >= STUCK_MS && !isLate
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
