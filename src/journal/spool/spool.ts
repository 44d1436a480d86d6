import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { access, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { AppError } from '../../core/errors.js'
import type { EventSpool } from '../../core/ports.js'
import {
  makeDurableFolder,
  shred,
  syncFolder,
  unlessAbsent,
  unwritable,
  writeSynced,
} from '../../lib/files/durable.js'
import type { Log } from '../../lib/log.js'
import { SpoolFile } from './spool-file.js'

/** A spool with events: its file, and the key of the personal parts in the file. */
interface OpenSpool {
  file: SpoolFile
  key: Buffer
}

/**
 * The file in which events wait while the database is away, and beside it the key of their personal parts. Both are created
 * with the first event and destroyed once all events are in the journal.
 */
export class Spool implements EventSpool {
  readonly #dir: string
  readonly #filePath: string
  readonly #keyPath: string
  readonly #log: Log
  #open: OpenSpool | undefined
  #readTo = 0
  #unread = 0

  private constructor(dir: string, log: Log) {
    this.#dir = dir
    this.#filePath = join(dir, 'events')
    this.#keyPath = join(dir, 'key')
    this.#log = log
  }

  /** @throws AppError `store.unwritable`, `config.invalid` */
  static async open(dir: string, log: Log): Promise<Spool> {
    const spool = new Spool(dir, log)
    try {
      await makeDurableFolder(dir)
      await spool.#recover()
      return spool
    } catch (error) {
      throw error instanceof AppError ? error : unwritable(dir, error)
    }
  }

  get unread(): number {
    return this.#unread
  }

  async append(rows: readonly string[]): Promise<void> {
    this.#open ??= await this.#create()
    const { file, key } = this.#open
    await file.append(rows.map(row => sealRow(row, key)))
    this.#unread += rows.length
  }

  async next(max: number): Promise<{ rows: string[]; damaged: number }> {
    const rows: string[] = []
    if (!this.#open) return { rows, damaged: 0 }
    const { file, key } = this.#open
    let damaged = 0
    let sealed = 0
    let intact = true
    let readTo = this.#readTo
    for await (const { body, end } of file.records(readTo)) {
      if (body === undefined) {
        // A damaged stretch counts once, however many lines it has.
        if (intact) damaged++
      } else {
        const { row, whole } = openRow(body, key)
        rows.push(row)
        if (!whole) sealed++
      }
      intact = body !== undefined
      readTo = end
      if (rows.length === max) break
    }
    this.#readTo = readTo
    // At the end of the file nothing is unread, even if records were damaged after they were counted.
    this.#unread = readTo < file.end ? this.#unread - rows.length : 0
    if (damaged > 0) this.#log.error({ damaged }, 'the spool is damaged: events in it are lost')
    if (sealed > 0)
      this.#log.error(
        { events: sealed },
        'the key of the spool is lost: these events enter without their personal data',
      )
    return { rows, damaged }
  }

  async destroy(): Promise<void> {
    const { file, key } = this.#open ?? {}
    this.#open = undefined
    this.#unread = 0
    key?.fill(0)
    try {
      await file?.close()
      await this.#remove()
    } catch (error) {
      throw unwritable(this.#dir, error)
    }
  }

  async close(): Promise<void> {
    this.#open?.key.fill(0)
    await this.#open?.file.close()
    this.#open = undefined
  }

  async #create(): Promise<OpenSpool> {
    let file: SpoolFile | undefined
    try {
      await this.#remove()
      // The key is written first: personal parts in a file without its key would be lost.
      const key = await this.#makeKey()
      file = await SpoolFile.create(this.#filePath)
      await syncFolder(this.#dir)
      this.#readTo = file.firstRecord
      return { file, key }
    } catch (error) {
      await file?.close().catch(() => undefined)
      await this.#remove().catch(() => undefined)
      throw unwritable(this.#dir, error)
    }
  }

  /** Opens the spool that an earlier process left, if there is one. */
  async #recover(): Promise<void> {
    const exists = await unlessAbsent(
      access(this.#filePath).then(() => true),
      false,
    )
    if (!exists) return this.#remove()
    const { file, records, torn } = await SpoolFile.reopen(this.#filePath)
    this.#log.warn(
      { events: records, torn },
      'events of the previous service wait in the spool and enter the journal first',
    )
    const key = await this.#readKey().catch(async error => {
      await file.close()
      throw error
    })
    this.#open = { file, key }
    this.#readTo = file.firstRecord
    this.#unread = records
    if (records === 0) await this.destroy()
  }

  /** The key of the spool, or a new key for further events if the old one is lost. */
  async #readKey(): Promise<Buffer> {
    const key = await unlessAbsent<Buffer | undefined>(readFile(this.#keyPath), undefined)
    if (key?.length === KEY_BYTES) return key
    await shred(this.#keyPath)
    return this.#makeKey()
  }

  async #makeKey(): Promise<Buffer> {
    const key = randomBytes(KEY_BYTES)
    await (await writeSynced(this.#keyPath, key)).close()
    await syncFolder(this.#dir)
    return key
  }

  /** Removes the file before the key: a key alone opens nothing, but events without their key lose their personal parts. */
  async #remove(): Promise<void> {
    await rm(this.#filePath, { force: true })
    await syncFolder(this.#dir)
    await shred(this.#keyPath)
  }
}

/** ChaCha20-Poly1305 (RFC 8439). Lengths are in bytes. Random nonces are safe for 2^32 events under one key. */
const CIPHER = 'chacha20-poly1305'
export const KEY_BYTES = 32
const NONCE_BYTES = 12
const MAC_BYTES = 16

/** The members of a journal row that the spool uses. */
interface Row {
  uuid: string
  personal?: unknown
  salt?: string
  sealed?: string
}

/**
 * Encrypts the personal part of a row and its salt, and binds them to the event's id.
 *
 * @param row JSON from `encodeEvent`
 * @returns JSON of the row; unchanged if it has no personal part
 */
export function sealRow(row: string, key: Uint8Array): string {
  const { personal, salt, ...open } = JSON.parse(row) as Row
  if (personal === undefined) return row
  const nonce = randomBytes(NONCE_BYTES)
  const cipher = createCipheriv(CIPHER, key, nonce, { authTagLength: MAC_BYTES })
  cipher.setAAD(Buffer.from(open.uuid), { plaintextLength: 0 })
  const text = [cipher.update(JSON.stringify({ personal, salt })), cipher.final()]
  return JSON.stringify({
    ...open,
    sealed: Buffer.concat([nonce, ...text, cipher.getAuthTag()]).toString('base64'),
  })
}

/**
 * Decrypts a row from `sealRow`. Without its key the row is returned as after an erasure, with only the hash of the personal
 * part.
 *
 * @param spooled JSON from the spool
 * @returns `whole` is false if the personal part could not be decrypted
 */
export function openRow(spooled: string, key: Uint8Array | undefined): { row: string; whole: boolean } {
  const { sealed, ...open } = JSON.parse(spooled) as Row
  if (sealed === undefined) return { row: spooled, whole: true }
  const bytes = Buffer.from(sealed, 'base64')
  try {
    if (!key) throw new Error('The key is lost')
    const nonce = bytes.subarray(0, NONCE_BYTES)
    const decipher = createDecipheriv(CIPHER, key, nonce, { authTagLength: MAC_BYTES })
    decipher.setAAD(Buffer.from(open.uuid), { plaintextLength: 0 })
    decipher.setAuthTag(bytes.subarray(-MAC_BYTES))
    const text = [decipher.update(bytes.subarray(NONCE_BYTES, -MAC_BYTES)), decipher.final()]
    return {
      row: JSON.stringify({ ...open, ...(JSON.parse(Buffer.concat(text).toString()) as object) }),
      whole: true,
    }
  } catch {
    return { row: JSON.stringify(open), whole: false }
  }
}
