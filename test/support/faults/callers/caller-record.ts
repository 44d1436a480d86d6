import type { Caller } from '../../../../lab/caller.js'
import type { Span } from '../readiness.js'
import type { CallerPlan } from './plan.js'

/** What one caller did and heard, by its own record. Times are ms since the epoch. */
export interface CallerRecord {
  plan: CallerPlan
  /** The caller's number, used once. */
  from: string
  caller: Caller
  dialledAt: number
  answeredAt?: number
  /** When the agent was first heard. */
  agentAt?: number
  /** Longest silence from the dialling until the agent was heard, ms. */
  silentMs: number
  /** Silences of some seconds before the agent was heard. */
  silences: Span[]
  presses: { key: string; at: number }[]
  withdrewAt?: number
  /** At each time `at`, `n` packets of numbered speech had been sent. */
  sent: { n: number; at: number }[]
  /** When the caller hung up. */
  hungUpAt?: number
}

/** @returns how many packets had been sent at a time */
export const packetsSentBy = ({ sent }: CallerRecord, at: number): number =>
  sent.findLast(one => one.at <= at)?.n ?? 0

/** @returns when the call was over for the caller */
export const endedAt = ({ caller, hungUpAt }: CallerRecord): number =>
  Math.min(caller.endedAt ?? Infinity, hungUpAt ?? Infinity)
