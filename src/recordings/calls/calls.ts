import type { Db } from '../../db/database.js'
import type { CallFilter } from '../../journal/read/call-rows.js'
import {
  type CallSummary,
  type CallTimeline,
  type LocateObject,
  readCall as selectCall,
  listCalls as selectCalls,
} from '../../journal/read/timeline.js'
import type { ObjectStore } from '../../vault/store/store.js'

export type { CallFilter } from '../../journal/read/call-rows.js'
export type { AnswerSummary, CallSummary, CallTimeline } from '../../journal/read/timeline.js'

/** The sources of calls. Without a store, `files` has names in the store in place of paths. */
interface CallDeps {
  db: Db
  store?: Pick<ObjectStore, 'locate'>
}

/** Lists calls, latest first. */
export const listCalls = ({ db, store }: CallDeps, filter: CallFilter): Promise<CallSummary[]> =>
  selectCalls(db, locateIn(store), filter)

/** Reads one call with all its events. @throws AppError `not-found` */
export const readCall = ({ db, store }: CallDeps, id: string): Promise<CallTimeline> =>
  selectCall(db, locateIn(store), id)

const locateIn =
  (store: CallDeps['store']): LocateObject =>
  object =>
    store?.locate(object) ?? object
