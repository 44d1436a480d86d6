import { z } from 'zod'
import { type Cosignature, checkOwnCheckpoint, cosignaturesOf } from '../check-signed-checkpoint.js'
import { checkWitnesses } from '../check-witnesses.js'
import { differences } from '../differences.js'
import { documentKeys, rotationsShape } from '../document-keys.js'
import { tryParseJson } from '../parse-json.js'
import { witnessesShape } from '../shapes.js'
import type { SignedCheckpoint } from '../signed-checkpoint.js'
import { ActEvents } from './act-events.js'
import {
  type ActStatement,
  eventLine,
  extractEventShape,
  LAST_LINE,
  memberLine,
  type ExtractEvent as ProvenEvent,
  statementShape,
  VERSION,
  VERSION_LINE,
} from './extract.js'
import { LineReader, MalformedLine } from './line-reader.js'

export interface ExtractFault {
  kind:
    | 'extract-malformed'
    | 'extract-key-unknown'
    | 'extract-key-not-in-force'
    | 'extract-unsigned'
    | 'extract-unwitnessed'
    | 'extract-event-unproven'
    | 'extract-incomplete'
    | 'extract-statement-differs'
    | 'extract-bytes-differ'
  what: string
  /** The line or member at fault. */
  where: string
}

export interface CheckedExtract {
  /** Undefined if there are faults. */
  statement?: ActStatement
  /** Number of proven events. */
  events: number
  witnessed: Cosignature[]
  faults: ExtractFault[]
}

/** Most reported faults. The check stops there. */
const MAX_FAULTS = 20

/** First characters of every extract. */
export const EXTRACT_PREFIX = '{"consentryExtract":'

/**
 * Verifies the extract of an act by the log's public key alone. The checkpoint must be signed, every event must be in the log and
 * belong to the act, no destruction that the act counts may be missing, and the statement must follow from the events. Every
 * byte must be as written. Reads line by line, in constant memory.
 *
 * @param keys trusted C2SP verifier keys: the log's, and those of witnesses
 * @param rotations trusted statements by which the log's key was rotated
 */
export async function checkExtract(
  source: AsyncIterable<Uint8Array>,
  keys: readonly string[],
  rotations: readonly string[] = [],
): Promise<CheckedExtract> {
  const lines = new LineReader(source)
  const faults: ExtractFault[] = []
  const failed = (...more: ExtractFault[]) => ({ events: 0, witnessed: [], faults: [...faults, ...more] })
  try {
    const { statement, ...signed } = await readHead(lines)
    const log = documentKeys(signed, { keys, rotations })
    if ('kind' in log) return failed({ ...log, kind: `extract-${log.kind}` })
    const checkpoint = checkOwnCheckpoint(signed, log)
    if ('kind' in checkpoint) return failed({ ...checkpoint, kind: `extract-${checkpoint.kind}` })
    const act = new ActEvents(checkpoint)
    for await (const event of readEvents(lines)) {
      const what = act.add(event)
      if (what) faults.push({ kind: 'extract-event-unproven', what, where: `line ${event.line}` })
      if (faults.length >= MAX_FAULTS) break
    }
    if (faults.length > 0) return failed()
    const logged = act.statement()
    if (typeof logged === 'string')
      return failed({ kind: 'extract-incomplete', what: logged, where: 'events' })
    const unwitnessed = checkCosigned(signed, keys, logged.closed)
    if (unwitnessed.length > 0) return failed(...unwitnessed)
    const differing = compareStatements(statement, logged)
    if (differing.length > 0) return failed(...differing)
    return { statement: logged, events: act.size, witnessed: cosignaturesOf(signed, keys), faults }
  } catch (error) {
    if (!(error instanceof MalformedLine)) throw error
    return failed({ kind: 'extract-malformed', what: error.message, where: `line ${error.line}` })
  }
}

/**
 * The witnesses whose keys are trusted must have cosigned a checkpoint with the event that closed the act. The extract
 * may be made years after that.
 */
const checkCosigned = (signed: SignedCheckpoint, keys: readonly string[], closed: string): ExtractFault[] =>
  checkWitnesses(signed, keys, [closed], 'checkpoint', 'at any time').map(fault => ({
    ...fault,
    kind: 'extract-unwitnessed',
  }))

type ExtractEvent = ProvenEvent & { line: number }

async function readHead(
  lines: LineReader,
): Promise<SignedCheckpoint & { statement: Record<string, unknown>; rotations: string[] }> {
  if ((await lines.next()) !== VERSION_LINE)
    throw new MalformedLine(lines.line, `only extracts of version ${VERSION} can be read here`)
  const head = {
    statement: await readMember(lines, 'statement', statementShape),
    checkpoint: await readMember(lines, 'checkpoint', z.string()),
    key: await readMember(lines, 'key', z.string()),
    witnesses: await readMember(lines, 'witnesses', witnessesShape),
    rotations: await readMember(lines, 'rotations', rotationsShape),
  }
  await expectLine(lines, '"events":[')
  return head
}

async function expectLine(lines: LineReader, wanted: string): Promise<void> {
  const line = await lines.next()
  if (line !== wanted) throw new MalformedLine(lines.line, `it should be ${wanted}`)
}

async function readMember<T>(lines: LineReader, name: string, shape: z.ZodType<T>): Promise<T> {
  const line = await lines.next()
  const value = shape.safeParse(
    (tryParseJson(`{${line.slice(0, -1)}}`) as Record<string, unknown> | undefined)?.[name],
  )
  if (!value.success || memberLine(name, value.data) !== line)
    throw new MalformedLine(lines.line, `it is not the member ${name} in the form of an extract`)
  return value.data
}

/** The events, one per line. Then checks the end of the file. */
async function* readEvents(lines: LineReader): AsyncGenerator<ExtractEvent> {
  for (let last = false; !last; ) {
    const text = await lines.next()
    last = !text.endsWith(',')
    const event = extractEventShape.safeParse(tryParseJson(last ? text : text.slice(0, -1)))
    if (!event.success || `${eventLine(event.data)}${last ? '' : ','}` !== text)
      throw new MalformedLine(lines.line, 'it is not an event in the form of an extract')
    yield { ...event.data, line: lines.line }
  }
  await expectLine(lines, LAST_LINE)
  await lines.end()
}

/** The differences between the file's statement and the one that follows from the log. */
function compareStatements(actual: Record<string, unknown>, logged: ActStatement): ExtractFault[] {
  const differing = differences(actual, logged, 'statement').slice(0, MAX_FAULTS)
  if (differing.length > 0)
    return differing.map(difference => ({ kind: 'extract-statement-differs', ...difference }))
  if (JSON.stringify(actual) === JSON.stringify(logged)) return []
  const what = 'its members are not in the order of the format'
  return [{ kind: 'extract-bytes-differ', what, where: 'statement' }]
}
