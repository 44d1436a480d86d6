import type { Caller } from '../../../../lab/caller.js'
import type { Span } from '../readiness.js'
import type { CallerPlan } from './plan.js'

/** What one caller did, heard and met with, by its own record. Times are ms since the epoch. */
export interface CallerRecord {
  plan: CallerPlan
  /** The caller's number, used once. */
  from: string
  caller: Caller
  dialledAt: number
  answeredAt?: number
  /** When the agent was first heard. */
  agentAt?: number
  /** For how long neither prompt nor agent was heard, at the longest, before the agent came, ms. */
  silentMs: number
  /** When neither was heard for some seconds, before the agent came. */
  silences: Span[]
  presses: { key: string; at: number }[]
  withdrewAt?: number
  /** The packets of numbered speech that had left by then: `n` of them. */
  sent: { n: number; at: number }[]
  /** When the caller began to hang up, by its own will. */
  hungUpAt?: number
}

/** The number of the packet that was on its way at a moment: all before it had left. */
export const packetsSentBy = ({ sent }: CallerRecord, at: number): number =>
  sent.findLast(one => one.at <= at)?.n ?? 0

/** When the call was over for the caller. */
export const endedAt = ({ caller, hungUpAt }: CallerRecord): number =>
  Math.min(caller.endedAt ?? Infinity, hungUpAt ?? Infinity)
