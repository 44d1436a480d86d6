import { counted } from '../../lib/plural.js'
import { decodeBundle, encodeBundle } from '../tree/bundle.js'
import { type Hash, leafHash } from '../tree/hash.js'
import { tilePath, tileRoot } from '../tree/tile.js'
import type { Faults } from './faults.js'
import type { EventRow, RowStream } from './row-stream.js'
import type { TileSource } from './tile-prefetch.js'
import type { LeafTile } from './trusted-tiles.js'

/** Number of rows searched for the events of a tile, if the tile's event ids are unknown. */
const READ_AHEAD = 512

/** Number of rows searched after the end of the log. The events of about a second wait there to be logged. */
const ROWS_AFTER_LOG = 10_000

/** A leaf of the log, with its event if the entry bundle matches the leaf's hash. */
interface LoggedLeaf {
  index: number
  hash: Hash
  entry?: LoggedEvent
}

interface LoggedEvent {
  id: number
  uuid: string
  fields: Record<string, unknown>
}

/** Compares the events of the database with the leaves of the log, tile by tile, and reports the rows that differ. */
export class RowComparison {
  readonly #rows: RowStream
  readonly #files: TileSource
  readonly #faults: Faults
  /** Logged events without a row in the right place, and rows that were not logged in their place. */
  readonly #missing: (LoggedEvent & { index: number })[] = []
  readonly #extra: EventRow[] = []
  /** Id of the last event of the last compared tile, if known. */
  lastEvent: number | undefined

  constructor(rows: RowStream, files: TileSource, faults: Faults) {
    this.#rows = rows
    this.#files = files
    this.#faults = faults
  }

  /**
   * Compares one tile with the next rows.
   *
   * @returns the rows' leaf hashes, and whether they equal the tile's
   */
  async compareTile(tile: LeafTile): Promise<{ hashes: Hash[]; same: boolean }> {
    const rows = await this.#rows.peek(tile.width)
    const hashes = rows.map(row => row.hash)
    const bundle = (await this.#files.read({ ...tile, level: 'entries' })) ?? Buffer.of()
    const same = isSame(tile, hashes)
    if (same) {
      this.#rows.take(tile.width)
      this.lastEvent = rows.at(-1)!.id
      if (!bundle.equals(encodeBundle(rows.map(row => row.leaf))))
        this.#faults.add(
          'tile-forged',
          tilePath({ ...tile, level: 'entries' }),
          'its content differs from what was logged',
        )
    } else await this.#findDifferences(tile, decodeBundle(bundle))
    return { hashes, same }
  }

  /**
   * Reports moved, replaced, inserted and missing events.
   *
   * @param size number of compared leaves
   * @param rolledBack whether the database's own checkpoints end before the log
   */
  async finish(size: number, rolledBack: boolean): Promise<void> {
    await this.#takeRemaining()
    const extra = new Map(this.#extra.map(row => [row.uuid, row]))
    // After the end of the log are events that are not logged yet, and events that were moved there.
    const later = this.#missing.length > 0 ? await this.#rows.peek(ROWS_AFTER_LOG) : []
    const found = new Map([...later.map(row => [row.uuid, row] as const), ...extra])
    const notMoved = this.#missing.filter(entry => {
      const row = found.get(entry.uuid)
      if (!row) return true
      extra.delete(entry.uuid)
      this.#faults.add('order-changed', `event ${entry.id}`, `it is now event ${row.id}`)
      return false
    })
    const replaced = new Map([...extra.values()].map(row => [row.id, row]))
    const missing = notMoved.filter(({ id }) => {
      const other = replaced.get(id)
      if (!other) return true
      this.#faults.add('event-changed', `event ${id}`, 'another event has its id')
      extra.delete(other.uuid)
      return false
    })
    for (const { id } of extra.values())
      this.#faults.add('event-inserted', `event ${id}`, 'it is among logged events, but was never logged')
    for (const run of consecutiveRuns(missing)) {
      const atEnd = rolledBack && run.at(-1)!.index === size - 1
      const where = run.length === 1 ? `event ${run[0]!.id}` : `events ${run[0]!.id} to ${run.at(-1)!.id}`
      const verbs = run.length === 1 ? 'was logged and is missing' : 'were logged and are missing'
      const what = `${counted(run.length, 'event', 'events')} ${verbs}`
      this.#faults.add(atEnd ? 'rolled-back' : 'event-missing', where, what)
    }
  }

  /** Takes the remaining rows with ids up to the end of the log. */
  async #takeRemaining(): Promise<void> {
    const last = this.lastEvent
    if (last === undefined) return
    for (let [row] = await this.#rows.peek(1); row && row.id <= last; [row] = await this.#rows.peek(1)) {
      this.#extra.push(row)
      this.#rows.take(1)
    }
  }

  async #findDifferences(tile: LeafTile, leaves: Buffer[]): Promise<void> {
    const first = tile.n * 256
    const logged = (tile.trusted ?? tile.claimed ?? []).map((hash, i): LoggedLeaf => {
      const leaf = leaves[i]
      const entry = leaf && leafHash(leaf) === hash ? readEntry(leaf) : undefined
      return { index: first + i, hash, ...(entry ? { entry } : {}) }
    })
    const lastEntry = logged.at(-1)?.entry
    if (lastEntry) this.lastEvent = lastEntry.id
    const rows = await (lastEntry ? this.#takeUpTo(lastEntry.id) : this.#takeByHashes(tile.width, logged))
    const present = new Set(rows.map(row => row.hash))
    const unmatched = logged.filter(({ hash }) => !present.has(hash))
    const expected = new Set(logged.map(({ hash }) => hash))
    const unexpected = rows.filter(({ hash }) => !expected.has(hash))
    if (logged.length > 0) this.#matchById(unmatched, unexpected)
    else
      for (const { id } of unexpected)
        this.#faults.add(
          'event-changed',
          `event ${id}`,
          'it may have been changed; no tile shows what was logged',
        )
  }

  /** Finds the logged event of each unexpected row by its id. */
  #matchById(unmatched: LoggedLeaf[], unexpected: EventRow[]): void {
    const byId = new Map(
      unmatched.flatMap(({ index, entry }) => (entry ? [[entry.id, { index, ...entry }]] : [])),
    )
    const unknown = unmatched.filter(({ entry }) => !entry)
    for (const row of unexpected) {
      const entry = byId.get(row.id)
      if (entry?.uuid === row.uuid) {
        byId.delete(row.id)
        this.#faults.add(
          'event-changed',
          `event ${row.id}`,
          `${changedFields(entry.fields, row)} not as logged`,
        )
      } else if (!entry && unknown.length > 0) {
        unknown.shift()
        this.#faults.add(
          'event-changed',
          `event ${row.id}`,
          'it differs from what was logged; its entry bundle is forged too',
        )
      } else this.#extra.push(row)
    }
    this.#missing.push(...byId.values())
    for (const { index } of unknown)
      this.#faults.add('event-missing', `leaf ${index}`, 'it was logged; its entry bundle is forged too')
  }

  /** Takes the rows up to an event id. */
  async #takeUpTo(id: number): Promise<EventRow[]> {
    let count = READ_AHEAD
    let rows = await this.#rows.peek(count)
    while (rows.length === count && rows.at(-1)!.id <= id) {
      count *= 2
      rows = await this.#rows.peek(count)
    }
    const selected = rows.filter(row => row.id <= id)
    this.#rows.take(selected.length)
    return selected
  }

  /** Takes the rows up to the last one that is in the tile. If none is, takes as many rows as the tile has leaves. */
  async #takeByHashes(width: number, logged: LoggedLeaf[]): Promise<EventRow[]> {
    const hashes = new Set(logged.map(({ hash }) => hash))
    const rows = await this.#rows.peek(READ_AHEAD)
    const last = rows.findLastIndex(({ hash }) => hashes.has(hash))
    const selected = rows.slice(0, last < 0 ? width : last + 1)
    this.#rows.take(selected.length)
    return selected
  }
}

function isSame({ trusted, root, claimed, width }: LeafTile, hashes: Hash[]): boolean {
  if (hashes.length !== width) return false
  if (!trusted && root !== undefined) return tileRoot(hashes) === root
  const logged = trusted ?? claimed
  return logged !== undefined && hashes.every((hash, i) => hash === logged[i])
}

function readEntry(leaf: Buffer): LoggedEvent {
  const fields = JSON.parse(leaf.toString('utf8')) as Record<string, unknown>
  return { id: Number(fields['id']), uuid: String(fields['uuid']), fields }
}

function changedFields(logged: Record<string, unknown>, { leaf }: EventRow): string {
  const now = JSON.parse(leaf) as Record<string, unknown>
  const names = [...new Set([...Object.keys(logged), ...Object.keys(now)])].filter(
    name => JSON.stringify(logged[name]) !== JSON.stringify(now[name]),
  )
  return names.length === 1 ? `its ${names[0]} is` : `its ${names.join(', ')} are`
}

/** Groups entries with consecutive indexes. */
function consecutiveRuns<T extends { index: number }>(entries: T[]): T[][] {
  const all: T[][] = []
  for (const entry of entries) {
    const run = all.at(-1)
    if (run && run.at(-1)!.index === entry.index - 1) run.push(entry)
    else all.push([entry])
  }
  return all
}
