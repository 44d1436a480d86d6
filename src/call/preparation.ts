import { codeOf } from '../shared/errors.js'
import type { CallId } from '../shared/ids.js'
import type { Grant } from './ports.js'
import type { CallDeps } from './running-call.js'

interface Outcome {
  ready(tap: string, grants: readonly Grant[]): Promise<void>
  failed(): void
}

/** Makes taps ready for one call. What becomes of an earlier one concerns a stay that is over: it is abandoned. */
export function preparation(
  call: CallId,
  { recorder, log }: Pick<CallDeps, 'recorder' | 'log'>,
  outcome: Outcome,
) {
  let last = 0
  let givenUp = 0
  let press = () => {}
  return {
    /** @param line the dialled number */
    async prepare(line: string, grants: Grant[]): Promise<void> {
      last += 1
      const own = last
      const pressing = new AbortController()
      press = () => pressing.abort()
      try {
        const tap = await recorder.prepare(call, line, grants, pressing.signal)
        if (own !== last) return await recorder.abandon(tap, own === givenUp ? 'late' : 'left')
        await outcome.ready(tap, grants)
      } catch (error) {
        log.error(
          { call, code: codeOf(error) },
          'the recording could not be prepared, the call goes on unrecorded',
        )
        if (own === last) outcome.failed()
      }
    },
    /** The caller hears nothing until the tap is ready. */
    press: () => press(),
    /** The call has left us: a tap that is still on its way would stay behind. */
    forget(): void {
      last += 1
    },
    /** The tap is not waited for any more: one that is ready later is not used. */
    giveUp(): void {
      givenUp = last
      last += 1
      log.error({ call }, 'the recording takes too long to prepare, the call goes on unrecorded')
    },
  }
}
