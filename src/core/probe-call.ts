import { randomUUID } from 'node:crypto'
import type { ActorWay } from './actor.js'
import type { CallId, ChannelId } from './ids.js'

/** Prefix of the id of the channel on which a probe call enters our application. A PBX never gives out such ids. */
const PREFIX = 'consentry-probe-'
const PROBE_CHANNEL = /^consentry-probe-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** Makes the id of the channel of a new probe call. */
export const newProbeChannel = (): ChannelId => `${PREFIX}${randomUUID()}` as ChannelId

/** True for a channel of a probe call. */
export const isProbeChannel = (channel: string): boolean => PROBE_CHANNEL.test(channel)

/** The caller's reaction to each question of a probe call: the key for yes or no, or nothing. */
export const PROBE_ANSWERS = ['yes', 'no', 'silent'] as const
export type ProbeAnswer = (typeof PROBE_ANSWERS)[number]

/** The faults that a probe call can find. docs/operate.md describes the remedy for each. */
export const PROBE_FAULTS = [
  'not-placed',
  'not-asked',
  'unfinished',
  'prompt-cut',
  'prompt-missing',
  'answer-differs',
  'not-recorded',
  'recorded-unasked',
  'recording-cut',
  'recording-short',
  'recording-faulty',
  'slow',
] as const
export type ProbeFaultKind = (typeof PROBE_FAULTS)[number]

/** The events of probe calls. */
export interface ProbeEvents {
  /** A probe call has ended and was judged. `call`: null without a call. `faults`: may be empty. */
  'probe.finished': {
    line: string
    answer: ProbeAnswer
    call: CallId | null
    faults: ProbeFaultKind[]
    by: string
    way: ActorWay
  }
}
