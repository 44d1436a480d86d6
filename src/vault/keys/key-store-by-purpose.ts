import { AppError } from '../../core/errors.js'
import type { PartId } from '../../core/ids.js'
import { groupBy } from '../../lib/group-by.js'
import { noLocation } from '../storage-setting.js'
import type { KeyEntry, KeyRef, KeyStore } from './types.js'

/** A key store that keeps each purpose in a key store of its own, with its own mirrors. A key is looked up only in that one. */
export class KeyStoreByPurpose implements KeyStore {
  readonly #stores: ReadonlyMap<string, KeyStore>
  readonly #setting: string

  /**
   * @param stores the key store of each purpose
   * @param setting name of the setting that names the key stores, for messages
   */
  constructor(stores: ReadonlyMap<string, KeyStore>, setting: string) {
    this.#stores = stores
    this.#setting = setting
  }

  async put(ref: KeyRef, wrapped: Buffer): Promise<void> {
    await this.#storeOfKey(ref).put(ref, wrapped)
  }

  async get(ref: KeyRef): Promise<Buffer> {
    const store = this.#stores.get(ref.purpose)
    if (!store) throw new AppError('not-found', noLocation(ref.purpose, this.#setting).message)
    return store.get(ref)
  }

  async find(part: PartId): Promise<KeyRef | undefined> {
    for (const [purpose, store] of this.#stores) {
      const found = await store.find(part)
      if (found?.purpose === purpose) return found
    }
    return undefined
  }

  async *list(): AsyncGenerator<KeyEntry> {
    for (const [purpose, store] of this.#stores) {
      for await (const entry of store.list()) if (entry.purpose === purpose) yield entry
    }
  }

  async *misplaced(): AsyncGenerator<string> {
    for (const [purpose, store] of this.#stores) {
      for await (const entry of store.list())
        if (entry.purpose !== purpose) yield* await store.existingPaths(entry)
    }
  }

  locate(ref: KeyRef): string[] {
    return this.#storeOfKey(ref).locate(ref)
  }

  async existingPaths(ref: KeyRef): Promise<string[]> {
    return this.#storeOfKey(ref).existingPaths(ref)
  }

  accepts(purpose: string): boolean {
    return this.#stores.has(purpose)
  }

  async checkWritable(purpose: string): Promise<void> {
    await this.#storeOfPurpose(purpose).checkWritable(purpose)
  }

  async reseal(ref: KeyRef, change: (wrapped: Buffer) => Buffer | undefined): Promise<number> {
    return this.#storeOfKey(ref).reseal(ref, change)
  }

  async destroyAll(refs: readonly KeyRef[]): Promise<{ absent: KeyRef[]; failed: Map<KeyRef, AppError> }> {
    const [absent, failed] = [[] as KeyRef[], new Map<KeyRef, AppError>()]
    for (const [purpose, own] of groupBy(refs, ref => ref.purpose)) {
      const result = await this.#stores.get(purpose)?.destroyAll(own)
      absent.push(...(result?.absent ?? []))
      for (const ref of own) {
        const fault = result ? result.failed.get(ref) : noLocation(purpose, this.#setting)
        if (fault) failed.set(ref, fault)
      }
    }
    return { absent, failed }
  }

  async destroy(ref: KeyRef): Promise<void> {
    await this.#storeOfKey(ref).destroy(ref)
  }

  #storeOfKey({ purpose }: KeyRef): KeyStore {
    return this.#storeOfPurpose(purpose)
  }

  #storeOfPurpose(purpose: string): KeyStore {
    const store = this.#stores.get(purpose)
    if (store) return store
    throw noLocation(purpose, this.#setting)
  }
}
