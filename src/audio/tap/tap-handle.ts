/*
 * The room of taps: it connects the service to the keeper and delivers the audio of calls as samples of legs. Only this
 * room knows pipes and bytes. Recordings use the two interfaces below.
 */
import type { AudioBlock, Codec, Leg } from '../../core/audio.js'

/** A tap in use. Positions are samples since the tap began. */
export interface TapHandle {
  /** The value that the dialplan gets in `CONSENTRY_TAP`: the common prefix of the pipes' paths. */
  readonly reference: string
  readonly codec: Codec
  /** True once `end` was called. */
  readonly ending: boolean
  /**
   * Lets the keeper delete all audio of a leg before `sample`. Call this once the audio is durable, or once the journal
   * durably knows that it is lost.
   */
  acknowledge(leg: Leg, sample: number): void
  /**
   * Continues to receive after both legs have ended although the channel continues. What Asterisk writes when it starts
   * again follows at the samples where the legs ended.
   *
   * @throws AppError `tap.unavailable`
   */
  readAgain(): Promise<void>
  /** Resolves to whether the dialplan can still find the tap. */
  exists(): Promise<boolean>
  /**
   * Ends the tap. Call this when the channel has ended, or will never use the tap. The listener still receives the
   * audio that is in the tap, and then the end of each leg.
   */
  end(): void
}

/** Receives the audio of a tap. */
export interface TapListener {
  /** The bytes of the block are overwritten after the call. */
  block(block: AudioBlock): void
  /** The keeper dropped the samples `from` to `to` (exclusive) before the service received them. */
  gap(leg: Leg, from: number, to: number): void
  /** The leg has no more audio. */
  end(leg: Leg): void
  /**
   * The keeper holds much audio that the service has not acknowledged. The keeper repeats this at each tick as long as
   * that lasts.
   *
   * @param bytes size of the fuller leg
   */
  filling(bytes: number): void
  /**
   * The keeper died, with the audio that it held.
   *
   * @param continued true if another keeper continues to read; false if the tap has no more audio
   */
  interrupted(continued: boolean, interruption: Interruption): void
}

/** Where a tap stood when its keeper died. */
export interface Interruption {
  /** The sample at which both legs continue. */
  sample: number
  /** Samples of each leg before `sample` that are known to be lost. */
  lost: Readonly<Record<Leg, number>>
}
