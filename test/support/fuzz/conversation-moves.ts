// Fake: what people of a model PBX do, and who they are.
import type { ChannelId } from '../../../src/shared/ids.js'
import type { ModelCall } from './model-call.js'

/** What a script may do next. Numbers choose people, rooms and purposes, modulo how many there are. */
export type Move =
  | { do: 'join'; who: number; room: number; swap: boolean }
  | { do: 'leave' | 'park' | 'hang-up' | 'withdraw' | 'none-line' | 'pause-key'; who: number }
  /** `version`: of the words in which it is told. */
  | { do: 'answer'; who: number; purposes: number; days: number; version: number }
  /** Somebody who is asked in a conversation agrees. `taps`: and is recorded from then on. */
  | { do: 'agree'; who: number; purposes: number; days: number; version: number; taps: boolean }
  | { do: 'link' | 'unlink'; room: number; other: number }
  | { do: 'consult'; who: number; room: number; yes: boolean }

/** Somebody with a phone. */
export interface Person {
  channel: ChannelId
  name: string
  side: 'inside' | 'outside'
  room: string | undefined
  call: ModelCall | undefined
  gone: boolean
}

/** Joins two rooms, as a `Local` channel. A consultation has a call on its far half. */
export interface Link {
  halves: [ChannelId, ChannelId]
  rooms: [string, string | undefined]
  call?: ModelCall
}
