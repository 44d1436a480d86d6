import { createHash } from 'node:crypto'
import { type AudioBlock, SAMPLE_RATE, sampleBytes } from '../core/audio.js'
import type { Clock } from '../core/clock.js'
import { AppError, codeOf } from '../core/errors.js'
import { type CallEvent, event } from '../core/events.js'
import type { PartId } from '../core/ids.js'
import type { DurableEventSink } from '../core/ports.js'
import { withDeadline } from '../lib/deadline.js'
import { createPartSealer, type PartSealer, type SealProgress } from '../vault/crypto/part-sealer.js'
import type { PartInfo, Recipient, SealedChunk } from '../vault/crypto/types.js'
import type { KeyRef, KeyStore } from '../vault/keys/key-store.js'
import { objectName } from '../vault/store/object-name.js'
import type { AppendStore, ObjectWriter } from '../vault/store/store.js'

/** The parts of other rooms that this writer needs. */
export interface PartDeps {
  journal: DurableEventSink
  keyStore: KeyStore
  store: AppendStore
  /** Read for each part. The service adds to it while it runs. */
  recipients: Recipient[]
  clock: Clock
}

/** Longest time for one write to the store, ms. It is below the 30 s of audio that the keeper can hold. */
const STORE_TIMEOUT = 20_000
/** Interval of progress events, ms. Their hashes distinguish a container that was cut later from one that a crash cut. */
const PROGRESS_INTERVAL = 60_000

/** Writes the container of one part. The key file is made first, the object with the first audio. */
export class PartWriter {
  readonly info: PartInfo
  readonly #key: KeyRef
  readonly #sealer: PartSealer
  readonly #deps: PartDeps
  /** Hash of the whole container. The sealer computes another, faster one. */
  readonly #hash512 = createHash('sha512')
  /** Position of the first sample of the first block, and of the earliest of either leg, samples since the tap began. */
  #firstBlockAt = 0
  #earliestSample = Number.POSITIVE_INFINITY
  #beganAt = 0
  /** Resolves once the key file is durable; rejects if it cannot be made. */
  readonly ready: Promise<void>
  #keySettled = false
  #destroyed = false
  /** `destroy` was called. Work that a hanging store still completes for the part is undone and not journalled. */
  #discarded = false
  #object: Promise<ObjectWriter> | undefined
  #objectName = ''
  /** The event with the container's name. */
  readonly #start: DurableNotes
  #startNoted = false
  #durableProgress: SealProgress | undefined
  #progressAt = 0

  private constructor(info: PartInfo, due: string, deps: PartDeps, keyAllowed: Promise<void>) {
    this.info = info
    this.#key = { purpose: info.purpose, due, part: info.part }
    this.#sealer = createPartSealer(info, deps.recipients)
    this.#deps = deps
    this.#start = new DurableNotes(deps.journal)
    this.ready = this.#writeKeyFile(keyAllowed, this.#sealer.wrappedKey).finally(() => {
      this.#keySettled = true
    })
    // `write` rejects with the same error.
    this.ready.catch(() => undefined)
  }

  /**
   * Generates the part's key and makes its key file durable.
   *
   * @param due day at whose beginning (UTC) its retention is over, YYYY-MM-DD
   * @throws AppError `key.missing`, `keys.unwritable`; then no key file remains
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
   * As `prepare`, but returns at once. Audio that is written before `ready` waits in memory.
   *
   * @param keyAllowed the key file is made after this resolves, and never if it rejects
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

  /** Whether `write` was called. */
  get hasAudio(): boolean {
    return this.#object !== undefined
  }

  /** Where the longer leg of the audio ends that is durable, in samples since the tap began; 0 if none is. */
  get durableSamples(): number {
    return this.#durableProgress?.samples ?? 0
  }

  /** Whether the event with the container's name is in the journal or on its way there. */
  get isInJournal(): boolean {
    return this.#startNoted
  }

  /**
   * Resolves once the event with the container's name is stored durably, so that audio in the container will be found.
   * Resolves at once if there is no such event yet. If the journal has lost the event, it is noted again.
   * @throws AppError `journal.unwritten` if it is lost
   */
  get startDurable(): Promise<void> {
    return this.#start.durable()
  }

  /**
   * Seals a block before it returns, because a tap overwrites the bytes. Resolves once the block is durable. Calls need
   * not wait for one another; blocks keep their order.
   * @throws AppError `store.unwritable`, `container.invalid`; the part cannot be written after that
   */
  async write(block: AudioBlock): Promise<void> {
    const first = this.#object === undefined ? [this.#startContainer(block)] : []
    const chunks = [...first, ...this.#sealer.seal(block)]
    this.#earliestSample = Math.min(this.#earliestSample, block.sample)
    this.#hashChunks(chunks)
    const progress = this.#sealer.progress
    await this.#useObject(async object => {
      await object.append(chunks)
      // After a time-out, a store that hung may still get here.
      this.#durableProgress = progress
      if (!this.#discarded && !this.#startNoted) this.#noteStart(progress)
    })
    this.#noteProgressWhenDue()
  }

  /**
   * Writes the totals and closes the container.
   * @throws AppError `store.unwritable`
   */
  async finish(): Promise<void> {
    const { journal, clock } = this.#deps
    const { recording, part, call } = this.info
    const chunks = this.#sealer.finish()
    this.#hashChunks(chunks)
    const end = {
      ...this.#sealer.progress,
      firstSample: this.#earliestSample,
      hash512: this.#hash512.digest('hex'),
    }
    await this.#useObject(async object => {
      await object.append(chunks)
      await object.close()
    })
    this.#start.noteLost()
    journal.note(
      event('recording.part-ended', call, clock.now(), { recording, part, ...end, complete: true }),
    )
  }

  /** Closes the container without totals. Its durable records can still be opened. */
  async abandon(): Promise<void> {
    this.#sealer.wipe()
    this.#start.noteLost()
    this.#noteProgress()
    await this.#closeObject()
  }

  async #closeObject(): Promise<void> {
    try {
      await this.#useObject(object => object.close())
    } catch {
      // Most likely the store failed, which is why nothing more is written.
    }
  }

  /**
   * Destroys the key file at once, so that the part can never be opened. The container stays until an act destroys it.
   * @throws AppError `store.unwritable`
   */
  async destroyKey(): Promise<void> {
    this.#sealer.wipe()
    this.#destroyed = true
    // A key file that is still being written would appear after its destruction.
    if (!this.#keySettled) await this.ready.catch(() => undefined)
    await this.#deps.keyStore.destroy(this.#key)
  }

  /**
   * Destroys the key file, then the container. A container that a hanging store makes later is removed too.
   * @throws AppError `store.unwritable`
   */
  async destroy(): Promise<void> {
    this.#discarded = true
    await this.destroyKey()
    if (!this.#object) return
    // The disk keeps the space of a removed file that is still open.
    await this.#closeObject()
    await this.#deps.store.remove(this.#objectName)
  }

  async #writeKeyFile(keyAllowed: Promise<void>, wrapped: Buffer): Promise<void> {
    await keyAllowed
    this.#throwIfDestroyed()
    await this.#deps.keyStore.put(this.#key, wrapped)
  }

  #throwIfDestroyed(): void {
    if (this.#destroyed) throw partDestroyed()
  }

  /** Makes the container's header. */
  #startContainer(block: AudioBlock): SealedChunk {
    const { store, clock } = this.#deps
    const samples = block.bytes.length / sampleBytes(this.info.codec)
    const startedAt = Math.round(block.arrivedAt - (samples * 1000) / SAMPLE_RATE)
    this.#beganAt = startedAt
    this.#firstBlockAt = block.sample
    this.#objectName = objectName(this.info.purpose, startedAt, this.info.part)
    this.#object = this.#createObject(store)
    this.#progressAt = clock.elapsed()
    return this.#sealer.begin(startedAt)
  }

  /** Creates the object once the key file is durable. Removes it again if the part was destroyed meanwhile. */
  async #createObject(store: AppendStore): Promise<ObjectWriter> {
    if (!this.#keySettled) await this.ready
    this.#throwIfDestroyed()
    const object = await store.create(this.#objectName)
    if (!this.#discarded) return object
    await object.close()
    await store.remove(this.#objectName)
    throw partDestroyed()
  }

  /**
   * Journals the container once its header and first audio are durable. The event has length and hash, so that a cut or
   * forged container is found even if this process is killed before the next event.
   */
  #noteStart({ chunks, bytes, hash }: SealProgress): void {
    const { clock, store } = this.#deps
    this.#startNoted = true
    const { recording, part, number, call } = this.info
    const container = { object: this.#objectName, location: store.location, chunks, bytes, hash }
    const begun = { beganAt: new Date(this.#beganAt).toISOString(), firstSample: this.#firstBlockAt }
    const data = { recording, part, number, ...container, ...begun }
    void this.#start.note(event('recording.part-started', call, clock.now(), data))
  }

  #hashChunks(chunks: readonly SealedChunk[]): void {
    for (const { pieces } of chunks) for (const piece of pieces) this.#hash512.update(piece)
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
    const { clock } = this.#deps
    await withDeadline(this.#object.then(use), { clock, ms: STORE_TIMEOUT, error: storeTimedOut })
  }
}

const partDestroyed = () => new AppError('store.unwritable', 'the part was destroyed')

const storeTimedOut = () =>
  new AppError('store.unwritable', `the store did not write audio within ${STORE_TIMEOUT / 1000} s`)

/** Key store and store fail with the same code. Operators have to know which of the two failed. */
const keysUnwritable = (cause: AppError): AppError =>
  new AppError('keys.unwritable', cause.message, { retryable: cause.retryable, cause })

/**
 * Events of one recording that must become durable. An event that the journal has lost is kept and noted again later.
 * It is the same event, and the journal takes each event once.
 */
export class DurableNotes {
  readonly #journal: Pick<DurableEventSink, 'noteDurably'>
  readonly #pending = new Map<CallEvent, Promise<void>>()
  readonly #lost = new Set<CallEvent>()

  constructor(journal: Pick<DurableEventSink, 'noteDurably'>) {
    this.#journal = journal
  }

  /** Notes an event. Resolves once it is durable or lost. Never rejects. */
  note(event: CallEvent): Promise<void> {
    this.#lost.delete(event)
    const noted = this.#journal
      .noteDurably(event)
      .catch(() => void this.#lost.add(event))
      .then(() => void this.#pending.delete(event))
    this.#pending.set(event, noted)
    return noted
  }

  /** Notes the lost events again. */
  noteLost(): void {
    for (const event of [...this.#lost]) void this.note(event)
  }

  /**
   * Notes the lost events again. Resolves once all events so far are durable.
   * @throws AppError `journal.unwritten` if one of them is lost
   */
  async durable(): Promise<void> {
    this.noteLost()
    await Promise.all(this.#pending.values())
    if (this.#lost.size > 0)
      throw new AppError('journal.unwritten', 'The journal has lost events of a recording', {
        retryable: true,
      })
  }
}
