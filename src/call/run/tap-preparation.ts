import { codeOf } from '../../core/errors.js'
import type { CallId } from '../../core/ids.js'
import type { Purpose } from '../../core/policy.js'
import type { Grant } from '../ports.js'
import type { CallDeps } from './running-call.js'

interface PreparationListener {
  /** @param tap path prefix @param lost purposes among the grants that the tap does not record */
  ready(tap: string, grants: readonly Grant[], lost: readonly Purpose[]): Promise<void>
  /** @param lost purposes that are therefore not recorded; empty if all are recorded already */
  failed(lost: readonly Purpose[]): void
}

/**
 * Prepares the taps of one call. Only the last preparation counts. The tap of an earlier preparation is abandoned when
 * it is ready.
 *
 * @param listener gets the result of the last preparation, unless the call left or the preparation was given up
 */
export function createTapPreparation(
  call: CallId,
  { recorder, log }: Pick<CallDeps, 'recorder' | 'log'>,
  listener: PreparationListener,
) {
  let lastPreparation = 0
  let givenUp = 0
  let hurry = () => {}
  /**
   * The purposes that cannot be recorded. Each loses only its own recording. If no grant is recorded any more, the yes
   * was withdrawn.
   */
  function lostOf(grants: readonly Grant[]): Purpose[] {
    const recorded = recorder.recordedPurposes(call)
    if (recorded.length === 0) return []
    return grants.flatMap(({ purpose }) => (recorded.includes(purpose) ? [] : purpose))
  }
  return {
    /**
     * Starts a preparation. Never rejects.
     *
     * @param line the dialled number
     * @param recorded purposes with a running recording. If these are all, no tap is prepared, which counts as a
     *   failure
     */
    async prepare(line: string, agreed: readonly Grant[], recorded: readonly Purpose[] = []): Promise<void> {
      const grants = agreed.filter(({ purpose }) => !recorded.includes(purpose))
      lastPreparation += 1
      const thisPreparation = lastPreparation
      if (agreed.length > 0 && grants.length === 0) {
        // After the orders of the same fact.
        await Promise.resolve()
        if (thisPreparation === lastPreparation) listener.failed([])
        return
      }
      const hurrying = new AbortController()
      hurry = () => hurrying.abort()
      const tap = await recorder.prepare(call, line, grants, hurrying.signal).catch(error => {
        log.error(
          { call, code: codeOf(error) },
          'the recording could not be prepared; the call continues unrecorded',
        )
        if (thisPreparation === lastPreparation) listener.failed(grants.map(({ purpose }) => purpose))
        return undefined
      })
      if (tap === undefined) return
      try {
        if (thisPreparation === lastPreparation) await listener.ready(tap, grants, lostOf(grants))
        else await recorder.abandon(tap, thisPreparation === givenUp ? 'late' : 'left')
      } catch (error) {
        log.error({ call, code: codeOf(error) }, 'the step after the preparation of a recording failed')
      }
    },
    /** Signals to the recorder that the caller waits in silence, which bounds its time. */
    hurry: () => hurry(),
    /** The call has left our application. A tap that is still being prepared is abandoned (`left`). */
    callLeft(): void {
      lastPreparation += 1
    },
    /** Stops waiting. A tap that is ready later is abandoned (`late`). */
    giveUp(): void {
      givenUp = lastPreparation
      lastPreparation += 1
      log.error({ call }, 'preparing the recording takes too long; the call continues unrecorded')
    },
  }
}
