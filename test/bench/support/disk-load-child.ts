import { type FileHandle, open } from 'node:fs/promises'
import { join } from 'node:path'

// Keeps a file system busy as two jobs of fio would: `node disk-load-child.js FOLDER MS BYTES`. One job writes a file from
// beginning to end and syncs it, the other writes to random positions of a second file and syncs that. The process ends after MS
// milliseconds, after BYTES bytes, or when its standard input is closed. It prints what it wrote as JSON. Its caller removes the
// folder.

/** Bytes of one sequential write, and writes between two syncs. */
const SEQUENTIAL = { bytes: 1 << 20, perSync: 64 }
/** The same for random writes. */
const RANDOM = { bytes: 4096, perSync: 64 }
/** Size of each file: larger than a disk's cache, small compared with the disk. */
const FILE_BYTES = 256 << 20

const [dir = '.', ms, bytes] = process.argv.slice(2)
const until = performance.now() + Number(ms)
const spent = { bytes: 0, syncs: 0 }
let stopped = false
process.stdin.on('end', () => {
  stopped = true
})
process.stdin.resume()

const goesOn = () => !stopped && performance.now() < until && spent.bytes < Number(bytes)

async function job(name: string, { bytes: size, perSync }: typeof RANDOM, next: (place: number) => number) {
  const file: FileHandle = await open(join(dir, name), 'w', 0o600)
  const block = Buffer.alloc(size, 0x5a)
  let place = 0
  for (let written = 1; goesOn(); written++) {
    await file.write(block, 0, size, place * size)
    spent.bytes += size
    place = next(place)
    if (written % perSync !== 0) continue
    await file.datasync()
    spent.syncs++
  }
  await file.close()
}

const blocks = (size: number) => Math.floor(FILE_BYTES / size)
await Promise.all(
  [0, 1].flatMap(n => [
    job(`sequential${n}`, SEQUENTIAL, place => (place + 1) % blocks(SEQUENTIAL.bytes)),
    job(`random${n}`, RANDOM, () => Math.floor(Math.random() * blocks(RANDOM.bytes))),
  ]),
)
process.stdout.write(JSON.stringify(spent))
process.exit(0)
