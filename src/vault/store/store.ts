import { AppError } from '../../core/errors.js'
import { DISK } from '../../core/part-location.js'
import type { Marking } from '../../lib/files/marking.js'
import { groupBy } from '../../lib/group-by.js'
import { folderOfUrl, noLocation, storageLocations } from '../storage-setting.js'
import { openDiskStore } from './disk-store.js'
import { checkedName, purposeOf } from './object-name.js'
import type { ObjectSource, ObjectStore, ObjectWriter } from './types.js'

export type { AppendStore, Archive, ObjectSource, ObjectStore, ObjectWriter } from './types.js'

/** Name of the setting, for messages. */
const SETTING = 'CONSENTRY_STORE'

/**
 * Opens the store of containers.
 *
 * @param locations value of `CONSENTRY_STORE`: `file:/path`, or one for each purpose, `service=file:/a marketing=file:/b`
 * @param marking how the right volumes are recognised, as in `Volume.open`
 * @throws AppError `config.invalid`, `store.unwritable`
 */
export async function openStore(locations: string, marking?: Marking): Promise<ObjectStore> {
  const stores = new Map<string, ObjectStore>()
  for (const { purpose, url: where } of storageLocations(locations, SETTING)) {
    const store = await openLocation(where, marking)
    if (purpose === null) return store
    stores.set(purpose, store)
  }
  return new StoreByPurpose(stores, SETTING)
}

async function openLocation(url: string, marking?: Marking): Promise<ObjectStore> {
  if (url.startsWith('s3:'))
    throw new AppError('config.invalid', `${SETTING}: s3 is not supported yet, write file:/absolute/path`)
  return openDiskStore(folderOfUrl(url, SETTING), marking)
}

/** A store that keeps each purpose in a store of its own, on disk. An object is searched only in the store of its purpose. */
class StoreByPurpose implements ObjectStore {
  readonly location = DISK
  readonly #stores: ReadonlyMap<string, ObjectStore>
  readonly #setting: string

  /**
   * @param stores the store of each purpose
   * @param setting name of the setting that names the stores, for messages
   */
  constructor(stores: ReadonlyMap<string, ObjectStore>, setting: string) {
    this.#stores = stores
    this.#setting = setting
  }

  async create(name: string): Promise<ObjectWriter> {
    return this.#storeOfObject(name).create(name)
  }

  async open(name: string): Promise<ObjectSource> {
    const store = this.#stores.get(purposeOf(checkedName(name)))
    if (!store) throw new AppError('not-found', noLocation(purposeOf(name), this.#setting).message)
    return store.open(name)
  }

  async has(name: string): Promise<boolean> {
    return this.#storeOfObject(name).has(name)
  }

  async *list(): AsyncGenerator<{ name: string; size: number; modifiedAt: number }> {
    for (const [purpose, store] of this.#stores) {
      for await (const entry of store.list()) if (purposeOf(entry.name) === purpose) yield entry
    }
  }

  async *misplaced(): AsyncGenerator<string> {
    for (const [purpose, store] of this.#stores) {
      for await (const { name } of store.list()) if (purposeOf(name) !== purpose) yield store.locate(name)
    }
  }

  async removeAll(names: readonly string[]): Promise<Map<string, AppError>> {
    const failed = new Map<string, AppError>()
    for (const [purpose, own] of groupBy(names, name => purposeOf(checkedName(name)))) {
      const store = this.#stores.get(purpose)
      const faults = await store?.removeAll(own)
      for (const name of own) {
        const fault = faults ? faults.get(name) : noLocation(purpose, this.#setting)
        if (fault) failed.set(name, fault)
      }
    }
    return failed
  }

  async remove(name: string): Promise<void> {
    await this.#storeOfObject(name).remove(name)
  }

  locate(name: string): string {
    return this.#stores.get(purposeOf(checkedName(name)))?.locate(name) ?? name
  }

  accepts(purpose: string): boolean {
    return this.#stores.has(purpose)
  }

  async freeSpace(purpose: string) {
    return this.#stores.get(purpose)?.freeSpace(purpose)
  }

  async checkMounted(purpose: string): Promise<void> {
    await this.#storeOfPurpose(purpose).checkMounted(purpose)
  }

  async checkWritable(purpose: string): Promise<void> {
    await this.#storeOfPurpose(purpose).checkWritable(purpose)
  }

  #storeOfObject(name: string): ObjectStore {
    return this.#storeOfPurpose(purposeOf(checkedName(name)))
  }

  #storeOfPurpose(purpose: string): ObjectStore {
    const store = this.#stores.get(purpose)
    if (store) return store
    throw noLocation(purpose, this.#setting)
  }
}
