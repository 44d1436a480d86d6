/** Longest line, bytes: the longest leaf with every character escaped, and its path. */
const MAX_LINE_BYTES = 512 * 1024

/** The first line that is not in the form of an extract. */
export class MalformedLine extends Error {
  readonly line: number

  constructor(line: number, what: string) {
    super(what)
    this.line = line
  }
}

/** Reads the lines of a text in UTF-8, in constant memory. */
export class LineReader {
  /** Number of the last read line, from 1. */
  line = 0
  readonly #source: AsyncGenerator<string, void>

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = split(source)
  }

  /** @throws MalformedLine at the end of the text, or if the line is too long or not UTF-8 */
  async next(): Promise<string> {
    this.line++
    const { value, done } = await this.#read()
    if (done) throw new MalformedLine(this.line, 'the file ends too early')
    return value
  }

  /** @throws MalformedLine if anything follows */
  async end(): Promise<void> {
    this.line++
    const { done } = await this.#read()
    if (!done) throw new MalformedLine(this.line, 'the file continues after its end')
  }

  async #read(): Promise<IteratorResult<string, void>> {
    try {
      return await this.#source.next()
    } catch (error) {
      if (error instanceof Unreadable) throw new MalformedLine(this.line, error.message)
      throw error
    }
  }
}

/** What is wrong with the bytes that follow. */
class Unreadable extends Error {}

async function* split(source: AsyncIterable<Uint8Array>): AsyncGenerator<string, void> {
  let rest: Buffer = Buffer.of()
  for await (const chunk of source) {
    rest = rest.length === 0 ? Buffer.from(chunk) : Buffer.concat([rest, chunk])
    let from = 0
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10, from)) {
      yield textOf(rest.subarray(from, end))
      from = end + 1
    }
    rest = rest.subarray(from)
    if (rest.length > MAX_LINE_BYTES) throw new Unreadable(`a line is longer than ${MAX_LINE_BYTES} bytes`)
  }
  if (rest.length > 0) throw new Unreadable('the last line is incomplete')
}

function textOf(bytes: Buffer): string {
  const text = bytes.toString('utf8')
  if (!Buffer.from(text).equals(bytes)) throw new Unreadable('it is not UTF-8')
  return text
}
