import type { AudioBlock } from '../shared/audio.js'
import { SAMPLE_RATE, sampleBytes } from '../shared/audio.js'
import type { Clock } from '../shared/clock.js'
import { AppError, codeOf } from '../shared/errors.js'
import { event } from '../shared/events.js'
import type { PartId } from '../shared/ids.js'
import type { DurableEventSink } from '../shared/ports.js'
import { createPartSealer, type PartSealer, type SealProgress } from '../vault/crypto/part-sealer.js'
import type { PartInfo, Recipient, SealedChunk } from '../vault/crypto/types.js'
import type { KeyRef, KeyStore } from '../vault/keys/key-store.js'
import { objectName } from '../vault/store/object-name.js'
import type { ObjectStore, ObjectWriter } from '../vault/store/store.js'

/** What a part needs of the house. */
export interface PartDeps {
  journal: DurableEventSink
  keyStore: KeyStore
  store: ObjectStore
  recipients: Recipient[]
  clock: Clock
}

/** A store that takes longer for one block has failed, ms: the keeper holds 30 s of audio and no more. */
const STORE_TIMEOUT = 20_000
/** ms between two progress events, by which a file cut later is told from one cut by a crash. */
const PROGRESS_INTERVAL = 60_000

/** One container in the making: its key file stands from the start, its object from the first audio byte. */
export class PartWriter {
  readonly info: PartInfo
  readonly #key: KeyRef
  readonly #sealer: PartSealer
  readonly #deps: PartDeps
  /** Settles once the key file is durable, or cannot be. */
  readonly ready: Promise<void>
  #keySettled = false
  #destroyed = false
  #object: Promise<ObjectWriter> | undefined
  #objectName = ''
  #startNoted: Promise<void> | undefined
  #durableProgress: SealProgress | undefined
  #progressAt = 0

  private constructor(info: PartInfo, due: string, deps: PartDeps, keyAllowed: Promise<void>) {
    this.info = info
    this.#key = { purpose: info.purpose, due, part: info.part }
    this.#sealer = createPartSealer(info, deps.recipients)
    this.#deps = deps
    this.ready = this.#writeKeyFile(keyAllowed, this.#sealer.wrappedKey).finally(() => {
      this.#keySettled = true
    })
    // Whoever writes hears of it.
    this.ready.catch(() => undefined)
  }

  /**
   * Draws the part's key and makes its key file durable.
   *
   * @param due day on which it must be destroyed, YYYY-MM-DD
   * @throws AppError `key.missing`, `keys.unwritable`; then nothing is left behind
   */
  static async prepare(info: PartInfo, due: string, deps: PartDeps): Promise<PartWriter> {
    const part = new PartWriter(info, due, deps, Promise.resolve())
    try {
      await part.ready
      return part
    } catch (error) {
      part.#sealer.wipe()
      throw codeOf(error) === 'store.unwritable' ? keysUnwritable(error as AppError) : error
    }
  }

  /**
   * As `prepare`, without waiting for the key file: `ready` tells of it. Audio that is written before waits in memory.
   *
   * @param keyAllowed no key file is made before it resolves, and none if it rejects
   * @throws AppError `key.missing`
   */
  static prepareInBackground(
    info: PartInfo,
    due: string,
    deps: PartDeps,
    keyAllowed: Promise<void>,
  ): PartWriter {
    return new PartWriter(info, due, deps, keyAllowed)
  }

  get id(): PartId {
    return this.info.part
  }

  /** Whether it has any audio. */
  get hasAudio(): boolean {
    return this.#object !== undefined
  }

  /** Whether the journal knows, or will know, of its container. */
  get isInJournal(): boolean {
    return this.#startNoted !== undefined
  }

  /**
   * Resolves once the journal cannot forget its container: what is durable in it will be found. At once before its first
   * audio.
   */
  get startDurable(): Promise<void> {
    return this.#startNoted ?? Promise.resolve()
  }

  /**
   * Seals a block and resolves once it is durable. Blocks may be given without waiting; they keep their order.
   * @throws AppError `store.unwritable`, `container.invalid`; then the part takes nothing more
   */
  async write(block: AudioBlock): Promise<void> {
    const first = this.#object === undefined ? [this.#startContainer(block)] : []
    const chunks = [...first, ...this.#sealer.seal(block)]
    const progress = this.#sealer.progress
    await this.#useObject(async object => {
      await object.append(chunks)
      this.#startNoted ??= this.#noteStart(progress)
    })
    this.#durableProgress = progress
    this.#noteProgressWhenDue()
  }

  /**
   * Ends the container with its totals.
   * @throws AppError `store.unwritable`
   */
  async finish(): Promise<void> {
    const { journal, clock } = this.#deps
    const { recording, part, call } = this.info
    const chunks = this.#sealer.finish()
    const end = this.#sealer.progress
    await this.#useObject(async object => {
      await object.append(chunks)
      await object.close()
    })
    journal.note(
      event('recording.part-ended', call, clock.now(), { recording, part, ...end, complete: true }),
    )
  }

  /** Gives the part up where it stands; what is durable can still be opened. */
  async abandon(): Promise<void> {
    this.#sealer.wipe()
    this.#noteProgress()
    try {
      await this.#useObject(object => object.close())
    } catch {
      // It was given up because of its store, most likely.
    }
  }

  /**
   * Destroys the key file at once: nothing of the part opens from then on. What was sealed stays, for an act to destroy.
   * @throws AppError `store.unwritable`
   */
  async destroyKey(): Promise<void> {
    this.#sealer.wipe()
    this.#destroyed = true
    // A key file that is on its way would come after the destruction.
    if (!this.#keySettled) await this.ready.catch(() => undefined)
    await this.#deps.keyStore.destroy(this.#key)
  }

  /** Destroys the key file, then whatever was sealed under it. @throws AppError `store.unwritable` */
  async destroy(): Promise<void> {
    await this.destroyKey()
    if (this.#object) await this.#deps.store.remove(this.#objectName)
  }

  async #writeKeyFile(keyAllowed: Promise<void>, wrapped: Buffer): Promise<void> {
    await keyAllowed
    this.#throwIfDestroyed()
    await this.#deps.keyStore.put(this.#key, wrapped)
  }

  #throwIfDestroyed(): void {
    if (this.#destroyed) throw new AppError('store.unwritable', 'the part was destroyed')
  }

  /** Makes the header, and has the object created once the key file is durable. */
  #startContainer(block: AudioBlock): SealedChunk {
    const { store, clock } = this.#deps
    const samples = block.bytes.length / sampleBytes(this.info.codec)
    const startedAt = Math.round(block.arrivedAt - (samples * 1000) / SAMPLE_RATE)
    this.#objectName = objectName(this.info.purpose, startedAt, this.info.part)
    this.#object = this.#keySettled ? store.create(this.#objectName) : this.#createObjectAfterKey()
    this.#progressAt = clock.elapsed()
    return this.#sealer.begin(startedAt)
  }

  async #createObjectAfterKey(): Promise<ObjectWriter> {
    await this.ready
    this.#throwIfDestroyed()
    return this.#deps.store.create(this.#objectName)
  }

  /**
   * Makes the container known, once it has a header and audio that can be opened. The event has length and hash, so that a cut
   * or a forged container is found even if this process is killed before the next event.
   */
  #noteStart({ chunks, bytes, hash }: SealProgress): Promise<void> {
    const { journal, clock } = this.#deps
    const { recording, part, number, call } = this.info
    const data = { recording, part, number, object: this.#objectName, chunks, bytes, hash }
    return journal.noteDurably(event('recording.part-started', call, clock.now(), data))
  }

  #noteProgressWhenDue(): void {
    const now = this.#deps.clock.elapsed()
    if (now - this.#progressAt < PROGRESS_INTERVAL) return
    this.#progressAt = now
    this.#noteProgress()
  }

  #noteProgress(): void {
    if (!this.#durableProgress) return
    const { journal, clock } = this.#deps
    const { recording, part, call } = this.info
    const { chunks, bytes, hash } = this.#durableProgress
    journal.note(event('recording.progress', call, clock.now(), { recording, part, chunks, bytes, hash }))
  }

  async #useObject(use: (object: ObjectWriter) => Promise<void>): Promise<void> {
    if (!this.#object) return
    const object = this.#object
    const { clock } = this.#deps
    await new Promise<void>((resolve, reject) => {
      const cancel = clock.after(STORE_TIMEOUT, () =>
        reject(
          new AppError('store.unwritable', `the store has not taken audio for ${STORE_TIMEOUT / 1000} s`),
        ),
      )
      object.then(use).finally(cancel).then(resolve, reject)
    })
  }
}

/** Key store and store fail with the same code. Whoever looks after them has to know which of them it was. */
const keysUnwritable = (cause: AppError): AppError =>
  new AppError('keys.unwritable', cause.message, { retryable: cause.retryable, cause })
