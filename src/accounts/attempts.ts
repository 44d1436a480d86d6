import { isIPv6 } from 'node:net'
import { DAY_MS } from '../core/clock.js'
import { AppError } from '../core/errors.js'
import { type Db, sql } from '../db/database.js'
import { isRefusal } from '../db/failure.js'
import type { ConsoleKey } from '../vault/console-key.js'

const SECOND_MS = 1_000
const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000

/** A limit of failed sign-ins. */
interface Limit {
  /** The number of the failure after which the first delay begins. */
  free: number
  /** The first delay, ms. It doubles with each further failure. */
  firstMs: number
  /** The longest delay, ms. */
  mostMs: number
  /** Time without a failure after which the count starts again, ms. */
  forgetMs: number
}

/**
 * One name from one address. So attempts from another address do not delay the owner of the name. Five attempts are
 * enough for a person who mistypes.
 */
const PAIR: Limit = { free: 5, firstMs: 30 * SECOND_MS, mostMs: 15 * MINUTE_MS, forgetMs: DAY_MS }
/** One address over all names. A whole office may share one address. */
const ADDRESS: Limit = { free: 30, firstMs: 30 * SECOND_MS, mostMs: 15 * MINUTE_MS, forgetMs: HOUR_MS }
/** All addresses together. The delay allows one attempt per second, more than a large installation mistypes. */
const ALL: Limit = { free: 1_000, firstMs: SECOND_MS, mostMs: SECOND_MS, forgetMs: HOUR_MS }

/**
 * How long a name counts as known at an address after a sign-in, ms. It is then exempt from the limits `ADDRESS` and
 * `ALL`.
 */
const KNOWN_MS = 30 * DAY_MS

/** Thrown when too many attempts failed. */
export class TooManyAttempts extends AppError {
  /** @param retryAfterS time until the next attempt counts, s */
  constructor(readonly retryAfterS: number) {
    super('sign-in.limited', `Too many attempts failed. Try again in ${retryAfterS} s.`, { retryable: true })
  }
}

/** An attempt to sign in, counted as failed until `succeed` is called. */
export interface Attempt {
  /**
   * Takes the count back. If the database is away, the attempt stays counted until the next success and no error is
   * thrown: the session is stored already, and an error would lose it.
   */
  succeed(): Promise<void>
}

/**
 * Counts an attempt before its credentials are checked, so that concurrent attempts count too. The counts are in the
 * database and outlive the process.
 *
 * @param name as typed
 * @param address from which the attempt comes
 * @param at ms since the epoch
 * @throws TooManyAttempts at once, alike for known and unknown names
 */
export async function countAttempt(
  db: Db,
  key: ConsoleKey,
  { name, address, at }: { name: string; address: string; at: number },
): Promise<Attempt> {
  const network = networkOf(address)
  const pair = key.hash(`pair ${network} ${name}`)
  const wide: [Buffer, Limit][] = (await isKnown(db, pair, at))
    ? []
    : [
        [key.hash(`address ${network}`), ADDRESS],
        [key.hash('all'), ALL],
      ]
  const counted: [Buffer, Limit][] = []
  // The pair comes last. A name refused because of its address then leaves no row, so rows are as few as counted
  // attempts.
  for (const [subject, limit] of [...wide, [pair, PAIR] as [Buffer, Limit]]) {
    const waitMs = await count(db, subject, limit, at)
    if (waitMs > 0) {
      // A refused attempt does not count towards any other limit.
      for (const [other] of counted) await uncount(db, other)
      throw new TooManyAttempts(Math.ceil(waitMs / SECOND_MS))
    }
    counted.push([subject, limit])
  }
  await forgetOld(db, at)
  return {
    succeed: () =>
      forgive(db, { pair, wide: wide.map(([subject]) => subject), at }).catch((error: unknown) => {
        if (isRefusal(error)) throw error
      }),
  }
}

/** Clears the failures of the pair, and takes this attempt back from the other limits. */
async function forgive(
  db: Db,
  { pair, wide, at }: { pair: Buffer; wide: readonly Buffer[]; at: number },
): Promise<void> {
  await db
    .updateTable('sign_in_attempt')
    .set({ failures: 0, until: null, succeeded_at: new Date(at) })
    .where('subject', '=', pair)
    .execute()
  for (const subject of wide) await uncount(db, subject)
}

async function isKnown(db: Db, pair: Buffer, at: number): Promise<boolean> {
  const row = await db
    .selectFrom('sign_in_attempt')
    .select('subject')
    .where('subject', '=', pair)
    .where('succeeded_at', '>', new Date(at - KNOWN_MS))
    .executeTakeFirst()
  return row !== undefined
}

/**
 * Counts in one statement, so that only those of several concurrent attempts pass that are below the limit.
 *
 * @returns 0 if the attempt passes, else the remaining delay, ms
 */
async function count(db: Db, subject: Buffer, limit: Limit, at: number): Promise<number> {
  const now = new Date(at)
  const failures = sql<number>`case when a.last_at < ${new Date(at - limit.forgetMs)} then 1 else a.failures + 1 end`
  const over = sql<number>`(${failures}) - ${limit.free}`
  const delayMs = sql<number>`least(${limit.mostMs}::float8, ${limit.firstMs}::float8 * power(2, least(${over}, 20)))`
  const until = sql`case when ${over} >= 0 then ${now}::timestamptz + ${delayMs} * interval '1 millisecond' end`
  const counted = await sql<{ failures: number }>`
    insert into sign_in_attempt as a (subject, failures, last_at) values (${subject}, 1, ${now})
    on conflict (subject) do update set failures = ${failures}, last_at = ${now}, until = ${until}
      where a.until is null or a.until <= ${now}
    returning failures`.execute(db)
  if (counted.rows.length > 0) return 0
  const row = await db
    .selectFrom('sign_in_attempt')
    .select('until')
    .where('subject', '=', subject)
    .executeTakeFirst()
  return Math.max(SECOND_MS, (row?.until?.getTime() ?? at) - at)
}

/** Takes back one count and clears its delay. */
async function uncount(db: Db, subject: Buffer): Promise<void> {
  await db
    .updateTable('sign_in_attempt')
    .set({ failures: sql`greatest(failures - 1, 0)`, until: null })
    .where('subject', '=', subject)
    .execute()
}

/** Removes counts without effect: expired failures, and names that are no longer known. */
async function forgetOld(db: Db, at: number): Promise<void> {
  const [forgotten, unknown] = [new Date(at - PAIR.forgetMs), new Date(at - KNOWN_MS)]
  await db
    .deleteFrom('sign_in_attempt')
    .where('last_at', '<', forgotten)
    .where(({ eb, or }) => or([eb('succeeded_at', 'is', null), eb('succeeded_at', '<', unknown)]))
    .execute()
}

/** Reduces an address to what identifies one client: the whole address for IPv4, the first 64 bits for IPv6. */
export function networkOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1]
  if (mapped) return mapped
  if (!isIPv6(address)) return address
  const [head = '', tail] = address.split('%')[0]!.toLowerCase().split('::')
  const groups = (part: string) => part.split(':').filter(group => group !== '')
  const known = [groups(head), groups(tail ?? '')] as const
  const missing = tail === undefined ? 0 : 8 - known[0].length - known[1].length
  const all = [...known[0], ...Array<string>(Math.max(0, missing)).fill('0'), ...known[1]]
  return all
    .slice(0, 4)
    .map(group => group.replace(/^0+(?=.)/, ''))
    .join(':')
}
