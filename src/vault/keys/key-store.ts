import { unwritable } from '../../files/durable.js'
import type { Marking } from '../../files/marking.js'
import { AppError } from '../../shared/errors.js'
import type { PartId } from '../../shared/ids.js'
import { folderOf, placesOf } from '../file-url.js'
import { KeyFolder } from './key-folder.js'
import { keyPath } from './key-path.js'
import { KeyStoreByPurpose } from './key-store-by-purpose.js'
import type { KeyEntry, KeyRef, KeyStore } from './types.js'

export type { KeyEntry, KeyRef, KeyStore } from './types.js'

/** Names the setting in messages. */
const SETTING = 'CONSENTRY_KEYSTORE'

/**
 * Opens the key store.
 *
 * @param places `file:/path`, or several with commas between them: live mirrors. Or such a place for each purpose:
 *   `service=file:/a,file:/b marketing=file:/c`
 * @param marking how the folders are known, so that none that is not mounted, and no other, is taken for one of them
 * @throws AppError `config.invalid`, `store.unwritable`
 */
export async function openKeyStore(places: string, marking?: Marking): Promise<KeyStore> {
  const named = new Map<string, KeyStore>()
  for (const { purpose, url: where } of placesOf(places, SETTING)) {
    const store = await openMirrors(where, marking)
    if (purpose === null) return store
    named.set(purpose, store)
  }
  return new KeyStoreByPurpose(named, SETTING)
}

async function openMirrors(urls: string, marking?: Marking): Promise<KeyStore> {
  const looksOnly = marking?.ifMissing === 'refuse at use' || marking?.ifMissing === 'nothing kept yet'
  const mirrors: KeyFolder[] = []
  for (const folder of urls.split(',').map(url => folderOf(url, SETTING))) {
    const mirror = await KeyFolder.open(folder, marking)
    mirrors.push(mirror)
    if (looksOnly) continue
    await mirror.prepare(Date.now()).catch(error => {
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
    if (await this.#fromFirst(async mirror => (await mirror.has(ref)) || undefined))
      throw unwritable('key store', new Error(`part ${ref.part} has a key already`))
    const failed = await this.#onAll(mirror => mirror.put(ref, wrapped))
    if (!failed) return
    await this.#onAll(mirror => mirror.destroy(ref))
    throw failed
  }

  async get(ref: KeyRef): Promise<Buffer> {
    const wrapped = await this.#fromFirst(mirror => mirror.get(ref))
    if (wrapped) return wrapped
    throw new AppError('not-found', `part ${ref.part} has no key file`)
  }

  find(part: PartId): Promise<KeyRef | undefined> {
    return this.#fromFirst(mirror => mirror.find(part))
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

  /** Every purpose's place is here. */
  async *misplaced(): AsyncGenerator<string> {}

  locate(ref: KeyRef): string[] {
    return this.#mirrors.map(({ path }) => keyPath(path, ref))
  }

  async standing(ref: KeyRef): Promise<string[]> {
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
      const gone = await mirror.destroyAll(refs)
      for (const ref of refs) {
        const path = keyPath(mirror.path, ref)
        if (!gone.absent.has(path)) found.add(ref)
        if (gone.failed.has(path)) failed.set(ref, asAppError(gone.failed.get(path), mirror))
      }
    }
    return { absent: refs.filter(ref => !found.has(ref)), failed }
  }

  async destroy(ref: KeyRef): Promise<void> {
    const failed = await this.#onAll(mirror => mirror.destroy(ref))
    if (failed) throw failed
  }

  /** What the first mirror that has it gives. A mirror that cannot be read matters only if no other has it. */
  async #fromFirst<T>(read: (mirror: KeyFolder) => Promise<T | undefined>): Promise<T | undefined> {
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

  /** Runs `work` on every mirror to its end, whatever the others do; the result is the first failure. */
  async #onAll(work: (mirror: KeyFolder) => Promise<void>): Promise<AppError | undefined> {
    const results = await Promise.allSettled(this.#mirrors.map(work))
    const i = results.findIndex(({ status }) => status === 'rejected')
    const result = results[i]
    if (result?.status !== 'rejected') return undefined
    return asAppError(result.reason, this.#mirrors[i]!)
  }
}
