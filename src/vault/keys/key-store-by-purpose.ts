import { AppError } from '../../shared/errors.js'
import { groupBy } from '../../shared/group-by.js'
import type { PartId } from '../../shared/ids.js'
import { noPlace } from '../file-url.js'
import type { KeyEntry, KeyRef, KeyStore } from './types.js'

/** A key store in which each purpose has a place of its own, with its own mirrors; none other is looked into for it. */
export class KeyStoreByPurpose implements KeyStore {
  readonly #places: ReadonlyMap<string, KeyStore>
  readonly #setting: string

  /** @param setting name of the setting that gives the places, for messages */
  constructor(places: ReadonlyMap<string, KeyStore>, setting: string) {
    this.#places = places
    this.#setting = setting
  }

  async put(ref: KeyRef, wrapped: Buffer): Promise<void> {
    await this.#of(ref).put(ref, wrapped)
  }

  async get(ref: KeyRef): Promise<Buffer> {
    const place = this.#places.get(ref.purpose)
    if (!place) throw new AppError('not-found', noPlace(ref.purpose, this.#setting).message)
    return place.get(ref)
  }

  async find(part: PartId): Promise<KeyRef | undefined> {
    for (const [purpose, place] of this.#places) {
      const found = await place.find(part)
      if (found?.purpose === purpose) return found
    }
    return undefined
  }

  async *list(): AsyncGenerator<KeyEntry> {
    for (const [purpose, place] of this.#places) {
      for await (const entry of place.list()) if (entry.purpose === purpose) yield entry
    }
  }

  async *misplaced(): AsyncGenerator<string> {
    for (const [purpose, place] of this.#places) {
      for await (const entry of place.list())
        if (entry.purpose !== purpose) yield* await place.standing(entry)
    }
  }

  locate(ref: KeyRef): string[] {
    return this.#of(ref).locate(ref)
  }

  async standing(ref: KeyRef): Promise<string[]> {
    return this.#of(ref).standing(ref)
  }

  accepts(purpose: string): boolean {
    return this.#places.has(purpose)
  }

  async checkWritable(purpose: string): Promise<void> {
    await this.#for(purpose).checkWritable(purpose)
  }

  async reseal(ref: KeyRef, change: (wrapped: Buffer) => Buffer | undefined): Promise<number> {
    return this.#of(ref).reseal(ref, change)
  }

  async destroyAll(refs: readonly KeyRef[]): Promise<{ absent: KeyRef[]; failed: Map<KeyRef, AppError> }> {
    const [absent, failed] = [[] as KeyRef[], new Map<KeyRef, AppError>()]
    for (const [purpose, own] of groupBy(refs, ref => ref.purpose)) {
      const gone = await this.#places.get(purpose)?.destroyAll(own)
      absent.push(...(gone?.absent ?? []))
      for (const ref of own) {
        const fault = gone ? gone.failed.get(ref) : noPlace(purpose, this.#setting)
        if (fault) failed.set(ref, fault)
      }
    }
    return { absent, failed }
  }

  async destroy(ref: KeyRef): Promise<void> {
    await this.#of(ref).destroy(ref)
  }

  #of({ purpose }: KeyRef): KeyStore {
    return this.#for(purpose)
  }

  #for(purpose: string): KeyStore {
    const place = this.#places.get(purpose)
    if (place) return place
    throw noPlace(purpose, this.#setting)
  }
}
