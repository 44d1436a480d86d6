import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { StringDecoder } from 'node:string_decoder'

/**
 * A file to which other processes append, such as a log. Only new content is read, because tests read logs many times a
 * second.
 */
export class GrowingFile {
  #text = ''
  #bytes = 0
  #decoder = new StringDecoder('utf8')

  constructor(private readonly path: string) {}

  /** @returns all of its content; '' if there is no file */
  read(): string {
    const file = this.#open()
    if (file === undefined) return ''
    try {
      const { size } = fstatSync(file)
      // Another file may have replaced it.
      if (size < this.#bytes) this.#forget()
      const fresh = Buffer.allocUnsafe(size - this.#bytes)
      const count = fresh.length > 0 ? readSync(file, fresh, 0, fresh.length, this.#bytes) : 0
      this.#bytes += count
      this.#text += this.#decoder.write(fresh.subarray(0, count))
      return this.#text
    } finally {
      closeSync(file)
    }
  }

  #open(): number | undefined {
    try {
      return openSync(this.path, 'r')
    } catch {
      this.#forget()
      return undefined
    }
  }

  #forget(): void {
    this.#text = ''
    this.#bytes = 0
    this.#decoder = new StringDecoder('utf8')
  }
}
