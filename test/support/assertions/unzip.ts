import { buffer } from 'node:stream/consumers'
import { fromBufferPromise } from 'yauzl'

/** @returns the files of a ZIP archive by name, in order. Sizes and checksums are verified. */
export async function unzip(bytes: Buffer): Promise<Map<string, Buffer>> {
  const zip = await fromBufferPromise(bytes, { lazyEntries: true, strictFileNames: true })
  const files = new Map<string, Buffer>()
  for await (const entry of zip.eachEntry())
    files.set(entry.fileName, await buffer(await zip.openReadStreamPromise(entry)))
  return files
}
