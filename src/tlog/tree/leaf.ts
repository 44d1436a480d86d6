import { canonical } from '../../shared/canonical-json.js'

/** An event as the database gives it for the log; see `LEAF_COLUMNS`. */
export interface LeafRow {
  id: number
  uuid: string
  call_id: string | null
  /** As PostgreSQL writes a moment, here in UTC: `2026-01-31 09:30:00.007`. */
  at: string
  type: string
  data: unknown
  /** Hex; null where there is no personal part. */
  personal_hash: string | null
}

/** What a leaf is made of, selected from `event`, whatever the session's time zone is. */
export const LEAF_COLUMNS = `id, uuid, call_id, (at at time zone 'UTC')::text as at, type, data, encode(personal_hash, 'hex') as personal_hash`

/** The leaf of an event: canonical JSON of everything but the personal part, and of that its salted hash. */
export const leafOf = ({ id, uuid, call_id, at, type, data, personal_hash }: LeafRow): string =>
  `{"at":"${moment(at)}","call":${call_id === null ? 'null' : `"${call_id}"`},"data":${canonical(data)},"id":${id},` +
  `${personal_hash === null ? '' : `"personal":"${personal_hash}",`}"type":${JSON.stringify(type)},"uuid":"${uuid}"}`

/** ISO 8601 in UTC with at least milliseconds, as `Date` writes it; a finer moment keeps all its digits. */
function moment(text: string): string {
  if (text.length === 23) return `${text.slice(0, 10)}T${text.slice(11)}Z`
  const [time, fraction = ''] = text.replace(' ', 'T').split('.')
  return `${time}.${fraction.padEnd(3, '0')}Z`
}
