import type { AudioBlock, Codec, Leg } from '../shared/audio.js'

/** A tap in use: where the audio of one call comes in. Positions are samples since the tap began. */
export interface TapHandle {
  /** What the dialplan starts the tap by (`CONSENTRY_TAP`); of pipes their path prefix. */
  readonly reference: string
  readonly codec: Codec
  /** Its end was ordered with `end`. */
  readonly ending: boolean
  /** Lets go of everything of the leg before `sample`. To be called once that audio is durable or known to be lost. */
  acknowledge(leg: Leg, sample: number): void
  /** Whether the dialplan can still find it. */
  isInPlace(): Promise<boolean>
  /** The channel is gone, or will never have the tap. Audio that is still in it comes, then the end of each leg. */
  end(): void
}

/** Hears what comes through a tap. */
export interface TapListener {
  block(block: AudioBlock): void
  /** These samples were dropped before they could be heard. */
  gap(leg: Leg, from: number, to: number): void
  /** Nothing more will come of this leg. */
  end(leg: Leg): void
  /** Much audio waits in front of the service: bytes of the fuller leg. Told each second, as long as that lasts. */
  filling(bytes: number): void
  /**
   * The process that held the audio died.
   *
   * @param continued another one reads on; otherwise nothing more will come
   */
  interrupted(continued: boolean, where: Interruption): void
}

/** Where a tap stood when the process that held its audio died. */
export interface Interruption {
  /** The sample at which both legs go on. */
  sample: number
  /** Samples of each leg before that which are known to be lost. */
  lost: Readonly<Record<Leg, number>>
}
