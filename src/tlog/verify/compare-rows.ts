import { decodeBundle, encodeBundle } from '../tree/bundle.js'
import { type Hash, leafHash } from '../tree/hash.js'
import { tilePath, tileRoot } from '../tree/tile.js'
import type { Faults } from './faults.js'
import type { EventRow, RowStream } from './row-stream.js'
import type { TileSource } from './tile-prefetch.js'
import type { LeafTile } from './trusted-tiles.js'

/** How far rows are searched for those of a tile whose ids are not known, rows. */
const LOOK_AHEAD = 512

/** How far events are searched behind the end of the log, rows: what waits to be logged is a second's worth. */
const ROWS_AFTER_LOG = 10_000

/** A leaf of the log, with what its entry bundle says it is, if that can be believed. */
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

/** Holds the events of the database against the leaves of the log, tile by tile, and finds the rows that differ. */
export class RowComparison {
  readonly #rows: RowStream
  readonly #files: TileSource
  readonly #faults: Faults
  /** Leaves for which no row was found where it should be, and rows that were never logged there. */
  readonly #missing: (LoggedEvent & { index: number })[] = []
  readonly #extra: EventRow[] = []
  /** Id of the last event of the last tile, if it is known. */
  lastEvent: number | undefined

  constructor(rows: RowStream, files: TileSource, faults: Faults) {
    this.#rows = rows
    this.#files = files
    this.#faults = faults
  }

  /**
   * Takes the rows of one tile.
   *
   * @returns the rows' leaf hashes, and whether they are the tile's
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
          'it does not hold what was logged',
        )
    } else await this.#findDifferences(tile, decodeBundle(bundle))
    return { hashes, same }
  }

  /**
   * Says what became of the rows that were not where they should be.
   *
   * @param size leaves compared
   * @param rolledBack the database's own checkpoints end before the log does
   */
  async finish(size: number, rolledBack: boolean): Promise<void> {
    await this.#takeRemaining()
    const extra = new Map(this.#extra.map(row => [row.uuid, row]))
    // Behind the end of the log stand events that are yet to be logged, and those that were moved there.
    const later = this.#missing.length > 0 ? await this.#rows.peek(ROWS_AFTER_LOG) : []
    const anywhere = new Map([...later.map(row => [row.uuid, row] as const), ...extra])
    const gone = this.#missing.filter(entry => {
      const row = anywhere.get(entry.uuid)
      if (!row) return true
      extra.delete(entry.uuid)
      this.#faults.add('order-changed', `event ${entry.id}`, `it now stands as event ${row.id}`)
      return false
    })
    const replaced = new Map([...extra.values()].map(row => [row.id, row]))
    const missing = gone.filter(({ id }) => {
      const other = replaced.get(id)
      if (!other) return true
      this.#faults.add('event-changed', `event ${id}`, 'another event stands in its place')
      extra.delete(other.uuid)
      return false
    })
    for (const { id } of extra.values())
      this.#faults.add('event-inserted', `event ${id}`, 'it stands among logged events and was never logged')
    for (const run of consecutiveRuns(missing)) {
      const atEnd = rolledBack && run.at(-1)!.index === size - 1
      const where = run.length === 1 ? `event ${run[0]!.id}` : `events ${run[0]!.id} to ${run.at(-1)!.id}`
      const what = `${run.length} ${run.length === 1 ? 'event was' : 'events were'} logged and ${run.length === 1 ? 'is' : 'are'} not there`
      this.#faults.add(atEnd ? 'rolled-back' : 'event-missing', where, what)
    }
  }

  /** Rows that are left, and belong before the end of the log. */
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
    const known = new Set(rows.map(row => row.hash))
    const lost = logged.filter(({ hash }) => !known.has(hash))
    const expected = new Set(logged.map(({ hash }) => hash))
    const odd = rows.filter(({ hash }) => !expected.has(hash))
    if (logged.length > 0) this.#matchById(lost, odd)
    else
      for (const { id } of odd)
        this.#faults.add('event-changed', `event ${id}`, 'no tile says what was logged')
  }

  /** Finds for each row that was not logged like this the leaf that it was, by its id. */
  #matchById(lost: LoggedLeaf[], odd: EventRow[]): void {
    const byId = new Map(lost.flatMap(({ index, entry }) => (entry ? [[entry.id, { index, ...entry }]] : [])))
    const unknown = lost.filter(({ entry }) => !entry)
    for (const row of odd) {
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
          'it is not as logged; its entry bundle is forged too',
        )
      } else this.#extra.push(row)
    }
    this.#missing.push(...byId.values())
    for (const { index } of unknown)
      this.#faults.add('event-missing', `leaf ${index}`, 'it was logged; its entry bundle is forged too')
  }

  /** Takes the rows up to an id. */
  async #takeUpTo(id: number): Promise<EventRow[]> {
    let count = LOOK_AHEAD
    let rows = await this.#rows.peek(count)
    while (rows.length === count && rows.at(-1)!.id <= id) {
      count *= 2
      rows = await this.#rows.peek(count)
    }
    const taken = rows.filter(row => row.id <= id)
    this.#rows.take(taken.length)
    return taken
  }

  /** Takes the rows up to the last one that is in the tile; where none is, as many as the tile has leaves. */
  async #takeByHashes(width: number, logged: LoggedLeaf[]): Promise<EventRow[]> {
    const hashes = new Set(logged.map(({ hash }) => hash))
    const rows = await this.#rows.peek(LOOK_AHEAD)
    const last = rows.findLastIndex(({ hash }) => hashes.has(hash))
    const taken = rows.slice(0, last < 0 ? width : last + 1)
    this.#rows.take(taken.length)
    return taken
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

/** Entries that stood next to each other in the log. */
function consecutiveRuns<T extends { index: number }>(entries: T[]): T[][] {
  const all: T[][] = []
  for (const entry of entries) {
    const run = all.at(-1)
    if (run && run.at(-1)!.index === entry.index - 1) run.push(entry)
    else all.push([entry])
  }
  return all
}
