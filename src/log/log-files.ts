import { open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { makeFolders } from '../lib/files/make-folders.js'
import { syncFolder } from '../lib/files/sync.js'
import { Lane } from '../lib/lane.js'
import { checkpointOf } from './notes/checkpoint.js'
import { decodeBundle, encodeBundle } from './tree/bundle.js'
import { HASH_BYTES } from './tree/hash.js'
import { TILE_WIDTH, type TileName, tilePath } from './tree/tile.js'

/** Name of the file of the statements by which the log's key was rotated, in the log's folder. */
export const ROTATIONS_FILE = 'rotations.txt'

/** Most concurrent reads. Anyone may request files of the log, and on a hanging disk each read blocks a thread. */
const CONCURRENT_READS = 4

/**
 * The number of events in the checkpoint that was published in a log's folder. Its signature is not checked.
 *
 * @returns 0 if none was published
 */
export async function publishedSize(dir: string): Promise<number> {
  const note = await new LogFiles(dir).checkpoint()
  return (note !== undefined && checkpointOf(note)?.size) || 0
}

/** The log's files in the layout of C2SP tlog-tiles. Any web server can publish the folder as it is. */
export class LogFiles {
  readonly dir: string
  readonly #reads = new Lane(CONCURRENT_READS)

  constructor(dir: string) {
    this.dir = dir
  }

  /** The published checkpoint with its known cosignatures. Undefined if none exists. */
  checkpoint(): Promise<string | undefined> {
    return this.#reads.run(() => readText(join(this.dir, 'checkpoint')))
  }

  /** The statements by which the log's key was rotated. Undefined if it never was. */
  rotations(): Promise<string | undefined> {
    return this.#reads.run(() => readText(join(this.dir, ROTATIONS_FILE)))
  }

  /** Replaces the checkpoint atomically. */
  async writeCheckpoint(note: string): Promise<void> {
    await makeFolders(this.dir)
    await replace(join(this.dir, 'checkpoint'), note)
  }

  /**
   * Reads a tile or entry bundle. A partial one that is no longer stored is cut from a wider one.
   *
   * @returns undefined if none of this width or wider is stored
   */
  read(name: TileName): Promise<Buffer | undefined> {
    return this.#reads.run(() => this.#read(name))
  }

  async #read(name: TileName): Promise<Buffer | undefined> {
    const exact = await readBytes(this.#path(name))
    if (exact) return exact
    if (name.width === TILE_WIDTH) return undefined
    const wider = (await readBytes(this.#path({ ...name, width: TILE_WIDTH }))) ?? (await this.#widest(name))
    return wider && narrow(wider, name)
  }

  /** Writes a tile or bundle. A full one is synced, and its partial versions are removed. */
  async write(name: TileName, content: Buffer): Promise<void> {
    const path = this.#path(name)
    await makeFolders(dirname(path))
    if (name.width < TILE_WIDTH) return replace(path, content)
    await replace(path, content, true)
    await rm(`${path}.p`, { recursive: true, force: true })
  }

  /** Removes the narrower partial versions of a tile or bundle. */
  async removeNarrower(name: TileName): Promise<void> {
    const folder = dirname(this.#path({ ...name, width: 1 }))
    for (const width of await partialWidths(folder))
      if (width < name.width) await rm(join(folder, String(width)), { force: true })
  }

  /** A stored version that is wider than `name`. Another process may replace a partial version during the search. */
  async #widest(name: TileName): Promise<Buffer | undefined> {
    const folder = dirname(this.#path({ ...name, width: 1 }))
    for (const width of (await partialWidths(folder)).sort((a, b) => b - a)) {
      const bytes = width > name.width ? await readBytes(join(folder, String(width))) : undefined
      if (bytes) return bytes
    }
    return readBytes(this.#path({ ...name, width: TILE_WIDTH }))
  }

  #path(name: TileName): string {
    return join(this.dir, tilePath(name))
  }
}

function narrow(bytes: Buffer, { level, width }: TileName): Buffer | undefined {
  if (level !== 'entries')
    return bytes.length >= width * HASH_BYTES ? bytes.subarray(0, width * HASH_BYTES) : undefined
  const leaves = decodeBundle(bytes)
  return leaves.length >= width ? encodeBundle(leaves.slice(0, width)) : undefined
}

const partialWidths = async (folder: string): Promise<number[]> =>
  (await readdir(folder).catch(() => [])).map(Number).filter(Number.isInteger)

async function replace(path: string, content: string | Buffer, synced = false): Promise<void> {
  // Two services may share the folder. Each writes a draft of its own, and both drafts have the same content.
  const draft = `${path}.${process.pid}.new`
  await writeFile(draft, content, { flush: synced })
  await rename(draft, path)
}

/** Replaces a file atomically. File and name are on disk when this resolves. */
export async function replaceDurably(path: string, content: string | Buffer): Promise<void> {
  await replace(path, content, true)
  await syncFolder(dirname(path))
}

/** Appends to a file. The text is on disk when this resolves. */
export async function appendDurably(path: string, text: string): Promise<void> {
  const file = await open(path, 'a', 0o644)
  try {
    await file.appendFile(text)
    await file.datasync()
  } finally {
    await file.close()
  }
}

/** Undefined if the file does not exist. */
export async function readBytes(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw error
  }
}

export const readText = async (path: string): Promise<string | undefined> =>
  (await readBytes(path))?.toString('utf8')
