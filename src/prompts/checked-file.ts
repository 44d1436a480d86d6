import type { BigIntStats } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { AppError } from '../shared/errors.js'
import { sha256 } from './manifest.js'

/** What a file holds, as the hash list beside it says. */
export interface ExpectedContent {
  bytes: number
  /** Hex. */
  sha256: string
}

const READABLE_BY_ALL = 0o444n

/** What cannot stay the same when a file is written, replaced or made unreadable. */
const fingerprint = (s: BigIntStats) => [s.dev, s.ino, s.size, s.mtimeNs, s.ctimeNs, s.mode].join(':')

/** A file whose content was checked once and is known from then on by what `stat` says of it. */
export class CheckedFile {
  #checkedFingerprint = ''

  constructor(
    readonly path: string,
    readonly content: ExpectedContent,
  ) {}

  /**
   * Makes sure that the file is, right now, what it should be: by a `stat` alone as long as nothing touched it,
   * otherwise by its content.
   *
   * @throws AppError `prompt.missing`, `prompt.damaged`
   */
  async check(): Promise<void> {
    const { path, content } = this
    const now = await stat(path, { bigint: true }).catch(cause => {
      throw new AppError('prompt.missing', `${path} is gone: restart Consentry, which makes it anew`, {
        cause,
      })
    })
    const current = fingerprint(now)
    if (current === this.#checkedFingerprint) return
    if ((now.mode & READABLE_BY_ALL) !== READABLE_BY_ALL) throw damaged(path, 'the PBX may not read it')
    if (now.size !== BigInt(content.bytes))
      throw damaged(path, `it has ${now.size} of ${content.bytes} bytes`)
    const bytes = await readFile(path).catch(cause => {
      throw damaged(path, 'it cannot be read', cause)
    })
    if (sha256(bytes) !== content.sha256) throw damaged(path, 'its content was changed')
    this.#checkedFingerprint = current
  }
}

const damaged = (path: string, why: string, cause?: unknown) =>
  new AppError('prompt.damaged', `${path} is damaged, ${why}: restart Consentry, which makes it anew`, {
    cause,
  })
