import type { Clock } from '../shared/clock.js'
import type { ChannelId } from '../shared/ids.js'
import type { Log } from '../shared/log.js'
import type { Calls } from './calls.js'
import type { CallChannel, Whereabouts } from './ports.js'
import { stopLeftoverPlaybacks } from './prompt-ids.js'

/** How long a channel of our app may be without a call before it is a stray, ms: its arrival may be on its way. */
const STRAY_MS = 1_000

/** The PBX, as far as calls are held against it. */
export interface Switchboard {
  readonly connected: boolean
  /** All channels of the PBX. */
  whereabouts(): Promise<ReadonlyMap<ChannelId, Whereabouts>>
  lookAtBridges(): Promise<void>
  channel(channel: ChannelId): CallChannel
}

export interface AlignDeps {
  calls: Calls
  pbx: Switchboard
  clock: Clock
  log: Log
}

/**
 * Holds the calls that are known against the channels that live: ends those whose channel is gone, resumes those that an
 * earlier service left in question, and takes in whoever waits for us without our having been told.
 */
export async function matchChannels({ calls, pbx, clock, log }: AlignDeps): Promise<void> {
  if (!pbx.connected) return
  try {
    // Asked before, so that a call that comes in meanwhile is not taken for one whose channel is gone.
    const known = calls.channels()
    const found = await pbx.whereabouts()
    calls.gone(known.filter(channel => !found.has(channel)))
    calls.resumeRecovered(found)
    await pbx.lookAtBridges()
    const strays = [...found].filter(([channel, at]) => isStray(calls, channel, at))
    if (strays.length === 0) return
    await new Promise<void>(resolve => clock.after(STRAY_MS, resolve))
    const now = await pbx.whereabouts()
    for (const [channel] of strays) void takeIn(channel, now.get(channel))
  } catch {
    // If the PBX is out of reach, `connected` will come again; if it does not tell, nobody waits for that.
    if (pbx.connected) calls.resumeRecovered(undefined)
  }

  async function takeIn(id: ChannelId, at: Whereabouts | undefined): Promise<void> {
    if (!at || !mayTakeIn(id, at)) return
    const channel = pbx.channel(id)
    if (at.in === 'ear') return channel.hangup().catch(() => {})
    await stopLeftoverPlaybacks(channel)
    if (!mayTakeIn(id, at)) return
    if (at.in === 'app') {
      log.warn({ channel: id }, 'a caller waits of whose arrival we were not told')
      calls.arrived({ number: at.number, caller: at.caller, at: clock.now(), channel })
    } else {
      log.warn({ channel: id }, 'a channel without a call is sent on unrecorded')
      await channel.returnUntouched().catch(() => {})
    }
  }

  /** Not by a service that has closed its door meanwhile: it would not live to say what became of the call. */
  function mayTakeIn(channel: ChannelId, at: Whereabouts): boolean {
    return pbx.connected && isStray(calls, channel, at)
  }
}

/** Whether a channel is in our hands and nothing is done for it. */
const isStray = (calls: Calls, channel: ChannelId, at: Whereabouts): boolean =>
  at.in === 'app' ? !calls.serves(channel) : at.in !== 'dialplan' && !calls.looksAfter(channel)
