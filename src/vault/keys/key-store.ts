import { AppError } from '../../shared/errors.js'
import type { PartId } from '../../shared/ids.js'
import { unwritable } from '../durable.js'
import { folderOf } from '../file-url.js'
import { KeyFolder } from './key-folder.js'
import type { KeyRef, KeyStore } from './types.js'

export type { KeyRef, KeyStore } from './types.js'

/**
 * Opens the key store, creating its folders.
 *
 * @param urls `file:/path`, or several with commas between them: live mirrors
 * @throws AppError `config.invalid`, `store.unwritable`
 */
export async function openKeyStore(urls: string): Promise<KeyStore> {
  const mirrors = urls.split(',').map(url => new KeyFolder(folderOf(url, 'CONSENTRY_KEYSTORE')))
  for (const mirror of mirrors) {
    await mirror.prepare(Date.now()).catch(error => {
      throw asAppError(error, mirror)
    })
  }
  return new MirroredKeyStore(mirrors)
}

const asAppError = (error: unknown, mirror: KeyFolder): AppError =>
  error instanceof AppError ? error : unwritable(`key store ${mirror.path}`, error)

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

  async *list(): AsyncGenerator<KeyRef & { modifiedAt: number }> {
    for (const [i, mirror] of this.#mirrors.entries()) {
      const before = this.#mirrors.slice(0, i)
      for await (const entry of mirror.list()) {
        const seen = await Promise.all(before.map(other => other.has(entry)))
        if (!seen.includes(true)) yield entry
      }
    }
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
