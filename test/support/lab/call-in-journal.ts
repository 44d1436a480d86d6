import { setTimeout as sleep } from 'node:timers/promises'
import { epochMs } from '../../../lab/time.js'
import { type Database, sql } from '../../../src/db/database.js'
import { type CallFilter, callRows } from '../../../src/journal/read/call-rows.js'
import { type CallTimeline, readCall } from '../../../src/journal/read/timeline.js'
import type { CallLab } from './call-lab.js'

/** Interval at which the journal is looked at while waiting, ms. */
const POLL_MS = 100
/** How old a look may be that serves another call too, ms. */
const FRESH_MS = 50
/** A call of which no event has come is read again after this time, ms: something else of it may have changed. */
const READ_AGAIN_MS = 1_000

/** How many events the journal has of each call. */
type Counts = ReadonlyMap<string, number>

const looks = new WeakMap<Database, { at: number; counts: Promise<Counts> }>()

/** Calls that wait at the same time share a look, because a timeline takes a dozen queries, and most looks find nothing new. */
function look(db: Database): Promise<Counts> {
  const now = performance.now()
  const last = looks.get(db)
  if (last && now - last.at < FRESH_MS) return last.counts
  const counts = countEvents(db)
  looks.set(db, { at: now, counts })
  return counts
}

async function countEvents(db: Database): Promise<Counts> {
  const { rows } = await sql<{ call: string; events: number }>`
    select call_id as call, count(*)::int as events from event where call_id is not null group by call_id`.execute(
    db,
  )
  return new Map(rows.map(({ call, events }) => [call, events]))
}

/** A call as the journal has it. */
export class CallInJournal {
  #id: string | undefined

  /**
   * @param by finds the call: the latest one that fits
   * @param own whether no event of another call makes this one fit, unless that call is new
   */
  constructor(
    private readonly from: Pick<CallLab, 'db' | 'store'>,
    private readonly by: CallFilter,
    private readonly own = false,
  ) {}

  /** @returns the call's timeline; undefined before the journal has an event of it */
  async read(): Promise<CallTimeline | undefined> {
    const { db, store } = this.from
    const [found] = await callRows(db, { ...this.by, limit: 1 })
    this.#id = found?.id
    return found && readCall(db, name => store.locate(name), found.id)
  }

  /** Waits until `find` finds something in the timeline. @param limit ms @returns undefined after the limit */
  async waitFor<T>(find: (call: CallTimeline) => T | undefined, limit: number): Promise<T | undefined> {
    let [seen, readAt] = ['', -Infinity]
    for (const end = epochMs() + limit; epochMs() < end; await sleep(POLL_MS)) {
      const counts = await look(this.from.db)
      if (this.#newsIn(counts) === seen && performance.now() - readAt < READ_AGAIN_MS) continue
      readAt = performance.now()
      const call = await this.read()
      const found = call && find(call)
      if (found !== undefined) return found
      // What has come since the look is read next time.
      seen = this.#newsIn(counts)
    }
    return undefined
  }

  /** Changes with every event that may matter. */
  #newsIn(counts: Counts): string {
    if (this.own && this.#id !== undefined) return `${counts.size} ${counts.get(this.#id)}`
    return String([...counts.values()].reduce((sum, events) => sum + events, 0))
  }
}
