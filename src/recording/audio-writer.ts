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
  readonly #writing = new Map<Recording, Promise<void>>()

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

  /** Resolves when every piece so far of one recording is durable, or it has failed. */
  writtenTo(recording: Recording): Promise<void> {
    return this.#writing.get(recording) ?? Promise.resolve()
  }

  /** @param pieces what this recording keeps */
  write(recording: Recording, pieces: readonly AudioBlock[]): void {
    const writes = pieces.map(piece => recording.write(piece))
    // Without `then`, each result would have the one before it, of the whole call.
    const writing = Promise.all([this.writtenTo(recording), ...writes]).then(() => undefined)
    this.#writing.set(recording, writing)
  }

  /** Ends each recording once its own audio is durable, or it has failed. So a store that hangs delays no recording in another one. */
  async endEach(end: (recording: Recording) => Promise<void>): Promise<void> {
    const endOne = async (recording: Recording) => {
      await this.writtenTo(recording)
      await end(recording)
    }
    await Promise.all(this.#recordings.map(endOne))
  }

  /** Settles a leg before `end`, after all that is being written now: audio that was cut whole is not written itself. */
  settle(leg: Leg, end: number): void {
    const writing = this.#recordings.map(recording => this.writtenTo(recording))
    void Promise.all(writing).then(async () => {
      this.#activity.blockWritten()
      await Promise.all(this.#recordings.map(recording => recording.durablyJournalled()))
      this.#onSettled(leg, end)
    })
  }
}
