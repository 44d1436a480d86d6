import { canonical } from '../../lib/canonical-json.js'

/** An event row, selected by `LEAF_COLUMNS`. */
export interface LeafRow {
  id: number
  uuid: string
  call_id: string | null
  /** In UTC, in PostgreSQL's format: `2026-01-31 09:30:00.007`. */
  at: string
  type: string
  data: unknown
  /** Hex. Null if the event has no personal part. */
  personal_hash: string | null
}

/** The columns of `event` for a leaf. Independent of the session's time zone. */
export const LEAF_COLUMNS = `id, uuid, call_id, (at at time zone 'UTC')::text as at, type, data, encode(personal_hash, 'hex') as personal_hash`

/** The leaf of an event: canonical JSON of the event, with the salted hash of its personal part in place of that part. */
export const leafOf = ({ id, uuid, call_id, at, type, data, personal_hash }: LeafRow): string =>
  `{"at":"${moment(at)}","call":${call_id === null ? 'null' : `"${call_id}"`},"data":${canonical(data)},"id":${id},` +
  `${personal_hash === null ? '' : `"personal":"${personal_hash}",`}"type":${JSON.stringify(type)},"uuid":"${uuid}"}`

/** ISO 8601 in UTC with at least milliseconds, as `Date` writes it. Finer digits are kept. */
function moment(text: string): string {
  if (text.length === 23) return `${text.slice(0, 10)}T${text.slice(11)}Z`
  const [time, fraction = ''] = text.replace(' ', 'T').split('.')
  return `${time}.${fraction.padEnd(3, '0')}Z`
}
