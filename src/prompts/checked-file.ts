import type { BigIntStats } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { AppError } from '../core/errors.js'
import { sha256 } from './manifest.js'

/** The content that a file must have, by the hash list beside it. */
export interface ExpectedContent {
  bytes: number
  /** Hex. */
  sha256: string
}

const READABLE_BY_ALL = 0o444n

/** A text that changes when a file is written, replaced or made unreadable. */
const fingerprint = (s: BigIntStats) => [s.dev, s.ino, s.size, s.mtimeNs, s.ctimeNs, s.mode].join(':')

/** A file whose content is checked once. Later checks compare only the result of `stat`. */
export class CheckedFile {
  #checkedFingerprint = ''

  constructor(
    readonly path: string,
    readonly content: ExpectedContent,
  ) {}

  /**
   * Checks that the file has the expected content. If the file was not touched since the last check, `stat` is enough; else its
   * content is read.
   *
   * @throws AppError `prompt.missing`, `prompt.damaged`
   */
  async check(): Promise<void> {
    const { path, content } = this
    const now = await stat(path, { bigint: true }).catch(cause => {
      throw new AppError(
        'prompt.missing',
        `${path} is missing: restart Consentry, which makes the file again`,
        {
          cause,
        },
      )
    })
    const current = fingerprint(now)
    if (current === this.#checkedFingerprint) return
    if ((now.mode & READABLE_BY_ALL) !== READABLE_BY_ALL)
      throw damaged(path, 'the PBX has no permission to read it')
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
  new AppError(
    'prompt.damaged',
    `${path} is damaged (${why}): restart Consentry, which makes the file again`,
    {
      cause,
    },
  )
