import { join } from 'node:path'
import { AppError } from '../core/errors.js'
import { LogFiles } from './log-files.js'
import { type Checkpoint, checkpointOf, checkpointText, parseCheckpoint } from './notes/checkpoint.js'
import { CheckpointFile } from './notes/checkpoint-file.js'
import type { KeyChain } from './notes/key-chain.js'
import { parseNote, verifies } from './notes/note.js'
import { decodeBundle, encodeBundle } from './tree/bundle.js'
import { type Hash, leafHash } from './tree/hash.js'
import { decodeTile, edgeTiles, encodeTile, type FullTile, TILE_WIDTH } from './tree/tile.js'
import { RightEdge } from './tree/tree-hashes.js'

/** Name of the file of all checkpoints, in the log's folder. */
export const CHECKPOINTS_FILE = 'checkpoints.txt'

/** The log in one service's data folder, open for writing. Leaves are added, then published together with a checkpoint. */
export class LogFolder {
  readonly files: LogFiles
  readonly #checkpointFile: CheckpointFile
  #edge: RightEdge
  /** The leaves after the last full bundle. */
  #leaves: (string | Buffer)[]
  #fullTiles: FullTile[] = []
  #fullBundles: { n: number; content: Buffer }[] = []
  #largestCheckpoint: Checkpoint | undefined

  private constructor(files: LogFiles, checkpointFile: CheckpointFile, edge: RightEdge, leaves: Buffer[]) {
    this.files = files
    this.#checkpointFile = checkpointFile
    this.#edge = edge
    this.#leaves = leaves
  }

  /**
   * Opens a log's folder. If its files do not give the root of its checkpoint, the log is rebuilt from the first leaf.
   *
   * @param dir created with the first publication
   */
  static async open(dir: string, keys: KeyChain): Promise<LogFolder> {
    const files = new LogFiles(dir)
    const checkpointFile = new CheckpointFile(join(dir, CHECKPOINTS_FILE))
    const { edge, leaves } = (await recoverEdge(files, keys)) ?? { edge: new RightEdge(), leaves: [] }
    const folder = new LogFolder(files, checkpointFile, edge, leaves)
    folder.#largestCheckpoint = await checkpointFile.last()
    return folder
  }

  /** Number of leaves, including those not yet published. */
  get size(): number {
    return this.#edge.size
  }

  /** Size of the largest checkpoint ever published in this folder. */
  get largestPublishedSize(): number {
    return this.#largestCheckpoint?.size ?? 0
  }

  root(): Hash {
    return this.#edge.root()
  }

  add(leaf: string): void {
    this.#edge.append(leafHash(leaf), tile => this.#fullTiles.push(tile))
    this.#leaves.push(leaf)
    if (this.#leaves.length < TILE_WIDTH) return
    this.#fullBundles.push({ n: this.size / TILE_WIDTH - 1, content: encodeBundle(this.#leaves) })
    this.#leaves = []
  }

  /**
   * Writes the added leaves, then the checkpoints, so that the tiles of every visible checkpoint exist.
   *
   * @param notes signed checkpoints in order of size; the last one covers all added leaves
   * @throws AppError `journal.inconsistent` if a different checkpoint of the same size was published before
   */
  async publish(notes: readonly string[]): Promise<void> {
    const newNotes = notes.filter(note => this.#isNew(note))
    await Promise.all([...this.#writeFull(), ...this.#writePartial()])
    if (newNotes.length > 0) await this.#checkpointFile.append(newNotes)
    await this.files.writeCheckpoint(notes.at(-1)!)
    const last = parseNote(notes.at(-1)!)
    if (newNotes.length > 0) this.#largestCheckpoint = parseCheckpoint(last!.text)
    this.#fullTiles = []
    this.#fullBundles = []
  }

  /** Adds a witness's signature line to the published checkpoint if that still has `size` leaves. */
  async cosign(size: number, line: string): Promise<void> {
    const note = await this.files.checkpoint()
    if (note === undefined || checkpointOf(note)?.size !== size || note.includes(line)) return
    await this.files.writeCheckpoint(`${note}${line}\n`)
  }

  #isNew(note: string): boolean {
    const text = parseNote(note)!.text
    const { size } = parseCheckpoint(text)!
    if (
      this.#largestCheckpoint &&
      size === this.#largestCheckpoint.size &&
      text !== checkpointText(this.#largestCheckpoint)
    )
      throw new AppError(
        'journal.inconsistent',
        `The log has two different checkpoints of size ${size}. Run consentry verify to find out which is right.`,
      )
    return size > this.largestPublishedSize
  }

  #writeFull(): Promise<void>[] {
    return [
      ...this.#fullTiles.map(({ level, n, hashes }) =>
        this.files.write({ level, n, width: TILE_WIDTH }, encodeTile(hashes)),
      ),
      ...this.#fullBundles.map(({ n, content }) =>
        this.files.write({ level: 'entries', n, width: TILE_WIDTH }, content),
      ),
    ]
  }

  #writePartial(): Promise<void>[] {
    const tiles = this.#edge
      .partialTiles()
      .map(({ hashes, ...name }) => ({ name, content: encodeTile(hashes) }))
    const bundle = {
      name: {
        level: 'entries' as const,
        n: Math.floor(this.size / TILE_WIDTH),
        width: this.#leaves.length,
      },
      content: encodeBundle(this.#leaves),
    }
    return [...tiles, ...(this.#leaves.length > 0 ? [bundle] : [])].map(async ({ name, content }) => {
      await this.files.write(name, content)
      await this.files.removeNarrower(name)
    })
  }
}

/** The right edge and the leaves of the last bundle. Undefined if they do not match the checkpoint in the folder. */
async function recoverEdge(files: LogFiles, keys: KeyChain) {
  const note = parseNote((await files.checkpoint()) ?? '')
  const checkpoint = note && parseCheckpoint(note.text)
  if (!checkpoint || !verifies(note, keys.inForce(checkpoint.size))) return undefined
  const names = edgeTiles(checkpoint.size)
  const tiles = await Promise.all(names.map(name => files.read(name)))
  if (!tiles.every(tile => tile !== undefined)) return undefined
  const hashes = tiles.map(decodeTile)
  const edge = new RightEdge(checkpoint.size, hashes)
  if (edge.root() !== checkpoint.root) return undefined
  if (names[0]?.level !== 0) return { edge, leaves: [] }
  const leaves = decodeBundle((await files.read({ ...names[0], level: 'entries' })) ?? Buffer.of())
  const whole =
    leaves.length === hashes[0]!.length && leaves.every((leaf, i) => leafHash(leaf) === hashes[0]![i])
  return whole ? { edge, leaves } : undefined
}
