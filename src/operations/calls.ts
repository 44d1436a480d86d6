import {
  type CallSummary,
  type CallTimeline,
  readCall as selectCall,
  listCalls as selectCalls,
} from '../journal/read/timeline.js'
import type { Deps } from './deps.js'

export type { CallSummary, CallTimeline } from '../journal/read/timeline.js'

type CallDeps = Pick<Deps, 'db' | 'store'>

/** Lists calls, latest first. @param limit most calls */
export const listCalls = ({ db, store }: CallDeps, limit: number): Promise<CallSummary[]> =>
  selectCalls(db, object => store.locate(object), { limit })

/** One call with all its events. @throws AppError `not-found` */
export const readCall = ({ db, store }: CallDeps, id: string): Promise<CallTimeline> =>
  selectCall(db, object => store.locate(object), id)
