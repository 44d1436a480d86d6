import { AppError } from '../../core/errors.js'
import type { PartId } from '../../core/ids.js'
import { unwritable } from '../../lib/files/durable.js'
import type { Marking } from '../../lib/files/marking.js'
import { groupBy } from '../../lib/group-by.js'
import { folderOfUrl, noLocation, storageLocations } from '../storage-setting.js'
import { KeyFolder } from './key-folder.js'
import { type KeyEntry, type KeyRef, type KeyStore, keyPath } from './types.js'

export type { KeyEntry, KeyRef, KeyStore } from './types.js'

/** Name of the setting, for messages. */
const SETTING = 'CONSENTRY_KEYSTORE'

/**
 * Opens the key store.
 *
 * @param locations value of `CONSENTRY_KEYSTORE`: `file:/path`, or several mirrors separated by commas, or these for each
 *   purpose, `service=file:/a,file:/b marketing=file:/c`
 * @param marking how the right volumes are recognised, as in `Volume.open`
 * @throws AppError `config.invalid`, `store.unwritable`
 */
export async function openKeyStore(locations: string, marking?: Marking): Promise<KeyStore> {
  const stores = new Map<string, KeyStore>()
  for (const { purpose, url: where } of storageLocations(locations, SETTING)) {
    const store = await openMirrors(where, marking)
    if (purpose === null) return store
    stores.set(purpose, store)
  }
  return new KeyStoreByPurpose(stores, SETTING)
}

async function openMirrors(urls: string, marking?: Marking): Promise<KeyStore> {
  const readOnly = marking?.ifMissing === 'refuse at use' || marking?.ifMissing === 'nothing kept yet'
  const mirrors: KeyFolder[] = []
  for (const folder of urls.split(',').map(url => folderOfUrl(url, SETTING))) {
    const mirror = await KeyFolder.open(folder, marking)
    mirrors.push(mirror)
    if (readOnly) continue
    await mirror.removeInterruptedWrites(Date.now()).catch(error => {
      throw asAppError(error, mirror)
    })
  }
  return new MirroredKeyStore(mirrors)
}

const asAppError = (error: unknown, mirror: KeyFolder): AppError =>
  unwritable(`key store ${mirror.path}`, error)

class MirroredKeyStore implements KeyStore {
  readonly #mirrors: KeyFolder[]

  constructor(mirrors: KeyFolder[]) {
    this.#mirrors = mirrors
  }

  async put(ref: KeyRef, wrapped: Buffer): Promise<void> {
    if (await this.#firstFound(async mirror => (await mirror.has(ref)) || undefined))
      throw unwritable('key store', new Error(`part ${ref.part} has a key file already`))
    const failed = await this.#onAll(mirror => mirror.put(ref, wrapped))
    if (!failed) return
    await this.#onAll(mirror => mirror.destroy(ref))
    throw failed
  }

  async get(ref: KeyRef): Promise<Buffer> {
    const wrapped = await this.#firstFound(mirror => mirror.get(ref))
    if (wrapped) return wrapped
    throw new AppError('not-found', `part ${ref.part} has no key file`)
  }

  find(part: PartId): Promise<KeyRef | undefined> {
    return this.#firstFound(mirror => mirror.find(part))
  }

  async *list(): AsyncGenerator<KeyEntry> {
    for (const [i, mirror] of this.#mirrors.entries()) {
      const before = this.#mirrors.slice(0, i)
      for await (const entry of mirror.list()) {
        const seen = await Promise.all(before.map(other => other.has(entry)))
        if (!seen.includes(true)) yield entry
      }
    }
  }

  /** Yields nothing: this key store holds every purpose. */
  async *misplaced(): AsyncGenerator<string> {}

  locate(ref: KeyRef): string[] {
    return this.#mirrors.map(({ path }) => keyPath(path, ref))
  }

  async existingPaths(ref: KeyRef): Promise<string[]> {
    const found: string[] = []
    for (const mirror of this.#mirrors) if (await mirror.has(ref)) found.push(keyPath(mirror.path, ref))
    return found
  }

  accepts(): boolean {
    return true
  }

  async checkWritable(): Promise<void> {
    const failed = await this.#onAll(mirror => mirror.checkWritable())
    if (failed) throw failed
  }

  async reseal(ref: KeyRef, change: (wrapped: Buffer) => Buffer | undefined): Promise<number> {
    let replaced = 0
    const failed = await this.#onAll(async mirror => {
      if (await mirror.reseal(ref, change)) replaced++
    })
    if (failed) throw failed
    return replaced
  }

  async destroyAll(refs: readonly KeyRef[]): Promise<{ absent: KeyRef[]; failed: Map<KeyRef, AppError> }> {
    const failed = new Map<KeyRef, AppError>()
    const found = new Set<KeyRef>()
    for (const mirror of this.#mirrors) {
      const result = await mirror.destroyAll(refs)
      for (const ref of refs) {
        const path = keyPath(mirror.path, ref)
        if (!result.absent.has(path)) found.add(ref)
        if (result.failed.has(path)) failed.set(ref, asAppError(result.failed.get(path), mirror))
      }
    }
    return { absent: refs.filter(ref => !found.has(ref)), failed }
  }

  async destroy(ref: KeyRef): Promise<void> {
    const failed = await this.#onAll(mirror => mirror.destroy(ref))
    if (failed) throw failed
  }

  /** Returns the first result that is not undefined. Throws only if a mirror cannot be read and no other mirror has a result. */
  async #firstFound<T>(read: (mirror: KeyFolder) => Promise<T | undefined>): Promise<T | undefined> {
    let failure: AppError | undefined
    for (const mirror of this.#mirrors) {
      try {
        const found = await read(mirror)
        if (found !== undefined) return found
      } catch (error) {
        failure = asAppError(error, mirror)
      }
    }
    if (failure) throw failure
    return undefined
  }

  /** Runs `work` on every mirror, also after a failure. @returns the first failure */
  async #onAll(work: (mirror: KeyFolder) => Promise<void>): Promise<AppError | undefined> {
    const results = await Promise.allSettled(this.#mirrors.map(work))
    const i = results.findIndex(({ status }) => status === 'rejected')
    const result = results[i]
    if (result?.status !== 'rejected') return undefined
    return asAppError(result.reason, this.#mirrors[i]!)
  }
}

/** A key store that keeps each purpose in a key store of its own, with its own mirrors. A key is searched only in that one. */
class KeyStoreByPurpose implements KeyStore {
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
