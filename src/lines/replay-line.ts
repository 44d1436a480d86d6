import { setImmediate } from 'node:timers/promises'
import {
  type JournalledEvent,
  replayCall,
  SCRIPT_EVENTS,
  type ScriptedDeed,
  scriptFor,
  scriptOf,
} from '../call/simulate/replay-call.js'
import { AppError } from '../core/errors.js'
import type { Decision } from '../core/events.js'
import type { CallId } from '../core/ids.js'
import { text } from '../core/message.js'
import type { Language, LinePolicy } from '../core/policy.js'
import { type Db, sql } from '../db/database.js'
import type { ManifestEntry } from '../prompts/manifest.js'
import { promptsInForce } from '../prompts/prompts-in-force.js'
import { checkAgainst } from './check-prompts.js'
import { findVersion } from './line-rows.js'
import { readLine } from './read-line.js'
import { compareOutcomes, type ReplayedCall, type ReplayReport } from './replay-report.js'

export type { ReplayReport } from './replay-report.js'

/** Most calls that are replayed: the latest. They take less than a second. */
const MAX_CALLS = 1_000
/** Calls replayed before the event loop serves other requests. They take some 10 ms. */
const CALLS_IN_A_TURN = 20
/** Assumed length of a prompt that is neither in the call nor in the manifest, ms. */
const UNKNOWN_LENGTH_MS = 3_000

/** A line to test on past calls. */
export interface ReplayRequest {
  /** The line as an administrator wrote it; parsed JSON, unchecked. It may name a group. */
  input: unknown
  /** The number whose calls are replayed. Undefined: that of the line. */
  of?: string | undefined
}

/**
 * Replays the latest 1,000 calls of a number on a line that is not in force. Callers do what they did, at the same
 * moments of the same prompts. Reports which decisions would differ, and how soon callers would reach the agent. Each
 * call is compared with its replay on its own version, so that both replays have the same small delays. Nothing is
 * saved.
 *
 * @throws AppError `policy.invalid`
 */
export async function replayLine({ db }: { db: Db }, { input, of }: ReplayRequest): Promise<ReplayReport> {
  const { line } = await readLine(db, input)
  const manifest = await promptsInForce(db)
  checkAgainst(manifest, [line])
  const number = of ?? line.number
  const rows = await latestCalls(db, number)
  const events = await eventsOf(
    db,
    rows.map(({ id }) => id),
  )
  const versions = new Map<number, LinePolicy | undefined>()
  for (const version of new Set(rows.map(({ policy }) => policy)))
    versions.set(version, await findVersion(db, number, version))
  const after = { ...line, version: 0 }
  const calls: ReplayedCall[] = []
  for (const { id, decision, policy } of rows) {
    calls.push(
      replayOne({ decision, events: events.get(id) ?? [], before: versions.get(policy), after, manifest }),
    )
    if (calls.length % CALLS_IN_A_TURN === 0) await setImmediate()
  }
  return { line: line.number, of: number, ...compareOutcomes(calls) }
}

/** Replays calls as `replayLine`, on the line in force of a number. @throws AppError `not-found` */
export async function replayNumber({ db }: { db: Db }, number: string): Promise<ReplayReport> {
  const row = await db
    .selectFrom('line')
    .select('policy')
    .where('number', '=', number)
    .where('active', '=', true)
    .executeTakeFirst()
  if (!row) throw new AppError('not-found', text`There is no line ${number}. See consentry line list.`)
  return replayLine({ db }, { input: { number, ...(row.policy as object) } })
}

const latestCalls = (db: Db, number: string) =>
  db
    .selectFrom('call')
    .select(['id', 'policy', 'decision'])
    .where('line', '=', number)
    .where('probe', '=', false)
    // A participant who joined a recorded call was not asked at its beginning.
    .where(
      sql<boolean>`not exists (select from event where event.uuid = call.started_event and event.data ? 'joined')`,
    )
    .orderBy('started_at', 'desc')
    .limit(MAX_CALLS)
    .execute()

async function eventsOf(db: Db, calls: readonly CallId[]): Promise<Map<CallId, JournalledEvent[]>> {
  const found = new Map<CallId, JournalledEvent[]>(calls.map(call => [call, []]))
  if (calls.length === 0) return found
  const rows = await db
    .selectFrom('event')
    .select(['call_id', 'type', 'at', 'data'])
    .where('call_id', 'in', calls)
    .where('type', 'in', SCRIPT_EVENTS)
    .orderBy('id')
    .execute()
  for (const { call_id, type, at, data } of rows)
    found.get(call_id!)!.push({ type, at: at.getTime(), data } as unknown as JournalledEvent)
  return found
}

interface CallToReplay {
  decision: Decision | null
  events: readonly JournalledEvent[]
  /** The version that the call had; undefined if it is not stored any more. */
  before: LinePolicy | undefined
  after: LinePolicy
  manifest: readonly ManifestEntry[]
}

function replayOne({ decision, events, before, after, manifest }: CallToReplay): ReplayedCall {
  if (decision === null) return { leftOut: 'undecided' }
  if (decision === 'failed') return { leftOut: 'failed' }
  if (!before) return { leftOut: 'unknown-version' }
  const script: ScriptedDeed[] = scriptOf(events)
  const then = replayCall(
    before,
    (prompt, language) => heardLength(events, prompt) ?? lengthIn(manifest, language, prompt),
    script,
  )
  if (then.decision !== decision) return { leftOut: 'not-reproduced' }
  const now = replayCall(
    after,
    (prompt, language) => lengthIn(manifest, language, prompt),
    scriptFor(script, before, after),
  )
  return { before: then, after: now }
}

/**
 * The length of a prompt in the call itself, ms. Prompts that offer languages share one name and have several lengths.
 */
const heardLength = (events: readonly JournalledEvent[], prompt: string): number | undefined =>
  events.flatMap(one =>
    one.type === 'prompt.ended' && one.data.role !== 'language' && one.data.prompt === prompt
      ? [one.data.lengthMs]
      : [],
  )[0]

const lengthIn = (manifest: readonly ManifestEntry[], language: Language, prompt: string): number =>
  manifest.find(one => one.name === prompt && one.language === language)?.lengthMs ?? UNKNOWN_LENGTH_MS
