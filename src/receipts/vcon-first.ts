import { SAMPLE_RATE } from '../core/audio.js'
import type { Statement } from './statement.js'
import { AGENT, CALL_DIALOG, CALLER, numberOf, OPERATOR } from './vcon-attachments.js'
import { partyHistory, textsOf } from './vcon-texts.js'

// The first edition of our vCons. It is no longer written, but documents of this edition must still verify.

/**
 * Whether a vCon has a property that only the first edition has: a set without recordings, or an agent without any
 * member.
 */
export function isFirstEdition(vcon: Record<string, unknown>): boolean {
  const [call] = Array.isArray(vcon['dialog']) ? vcon['dialog'] : []
  const agent: unknown = Array.isArray(vcon['parties']) ? vcon['parties'][AGENT] : undefined
  const isNobody = typeof agent === 'object' && agent !== null && Object.keys(agent).length === 0
  return call?.type === 'recording-set' && (call.recordings?.length === 0 || isNobody)
}

/** The parties of the first edition. */
export const firstPartiesOf = ({ caller, line, recordings }: Statement, origin: string) => [
  { ...numberOf(caller), type: 'person' },
  { ...(line === null ? {} : { name: `line ${line}` }), type: 'organization', org: origin },
  ...(recordings.some(({ parts }) => parts.length > 0) ? [{}] : []),
]

/** The dialogs of the first edition. There a recording begins when its first audio was stored. */
export function firstDialogOf(statement: Statement): Record<string, unknown>[] {
  const { started, ended, recordings } = statement
  const texts = textsOf(statement)
  const audio = recordings
    .flatMap(({ parts }) => parts)
    .map(({ part, started: begun, samples, sha256 }) => ({
      type: 'recording',
      start: begun.utc,
      ...(samples === undefined ? {} : { duration: samples / SAMPLE_RATE }),
      parties: [CALLER, AGENT],
      recording_set: CALL_DIALOG,
      mediatype: 'application/octet-stream',
      filename: `${part}.ctry`,
      ...(sha256 && { content_hash: `sha256-${Buffer.from(sha256, 'hex').toString('base64url')}` }),
    }))
  const call = {
    type: 'recording-set',
    start: started.utc,
    ...(ended && { duration: (Date.parse(ended.utc) - Date.parse(started.utc)) / 1_000 }),
    parties: [CALLER, OPERATOR, ...(audio.length > 0 ? [AGENT] : [])],
    recordings: audio.map((_, i) => 1 + texts.length + i),
    party_history: partyHistory(statement),
  }
  return [call, ...texts, ...audio]
}
