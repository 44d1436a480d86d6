import type { Leg } from '../core/audio.js'
import type { CallId } from '../core/ids.js'
import type { SideLosses } from '../core/sides.js'
import type { LegLoss } from './leg-loss.js'
import type { TapSessions } from './tap-sessions.js'

/** Finds the gaps of the legs of recorded calls, as `SideLosses`. */
export function callLosses(sessions: Pick<TapSessions, 'ofCall'>): SideLosses {
  const recorded = (call: CallId) => sessions.ofCall(call).filter(({ recording }) => recording)
  const each = (call: CallId, leg: Leg, act: (loss: LegLoss) => void) => {
    for (const { losses } of recorded(call)) act(losses[leg])
  }
  return {
    watch: (call, leg, from) => each(call, leg, loss => loss.watch(from)),
    silentMs(call, leg) {
      const silent = recorded(call).map(({ losses }) => losses[leg].silentMs)
      return silent.find(ms => ms !== 'heard') ?? 'heard'
    },
    packets: (call, leg, from, to, came) => each(call, leg, loss => loss.packets({ from, to }, came)),
    left: (call, leg, at) => each(call, leg, loss => loss.left(at)),
    note(call) {
      for (const { losses } of recorded(call)) losses.note()
    },
  }
}
