import type { AudioBlock, Leg } from '../shared/audio.js'
import type { Recording } from './recording.js'
import type { TapActivity } from './tap-activity.js'

/**
 * Writes the audio of one call to all its recordings. It says of audio that it is settled once each recording has stored it durably, or
 * has failed, and the journal knows which.
 */
export class AudioWriter {
  readonly #recordings: readonly Recording[]
  readonly #activity: Pick<TapActivity, 'blockWritten'>
  readonly #onSettled: (leg: Leg, end: number) => void
  #writing: Promise<void> = Promise.resolve()

  /** @param onSettled audio of a leg before this sample need not come again */
  constructor(
    recordings: readonly Recording[],
    activity: Pick<TapActivity, 'blockWritten'>,
    onSettled: (leg: Leg, end: number) => void,
  ) {
    this.#recordings = recordings
    this.#activity = activity
    this.#onSettled = onSettled
  }

  /** Resolves when every piece so far is durable or its recording has failed. */
  get written(): Promise<void> {
    return this.#writing
  }

  /** @param seconds length of the call so far, s */
  write(pieces: readonly AudioBlock[], seconds: number): void {
    const writes = pieces.flatMap(piece => this.#recordings.map(recording => recording.write(piece, seconds)))
    // Without this, each result would have the one before it, of the whole call.
    this.#writing = Promise.all([this.#writing, ...writes]).then(() => undefined)
  }

  /** Settles a leg before `end`, after all that is being written now: audio that was cut whole is not written itself. */
  settle(leg: Leg, end: number): void {
    void this.#writing.then(async () => {
      this.#activity.blockWritten()
      await Promise.all(this.#recordings.map(recording => recording.durablyJournalled()))
      this.#onSettled(leg, end)
    })
  }
}
