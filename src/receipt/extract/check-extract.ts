import { z } from 'zod'
import { type Cosignature, checkSignedCheckpoint, cosignaturesOf } from '../check-signed-checkpoint.js'
import { differences } from '../differences.js'
import { tryParseJson } from '../parse-json.js'
import { provenEventShape, witnessesShape } from '../receipt.js'
import type { SignedCheckpoint } from '../signed-checkpoint.js'
import { ActEvents } from './act-events.js'
import { type ActStatement, eventLine, LAST_LINE, memberLine, statementShape, VERSION } from './extract.js'
import { LineReader, MalformedLine } from './line-reader.js'

export interface ExtractFault {
  kind:
    | 'extract-malformed'
    | 'extract-key-unknown'
    | 'extract-unsigned'
    | 'extract-event-unproven'
    | 'extract-incomplete'
    | 'extract-statement-differs'
    | 'extract-bytes-differ'
  what: string
  /** The line, or the member of the statement. */
  where: string
}

export interface CheckedExtract {
  /** Undefined where something does not hold. */
  statement?: ActStatement
  /** Events that are proven. */
  events: number
  witnessed: Cosignature[]
  faults: ExtractFault[]
}

/** After so many faults nobody reads on. */
const MAX_FAULTS = 20

/** How the file begins, whatever follows. */
export const EXTRACT_PREFIX = '{"consentryExtract":'

/**
 * Holds the extract of an act against the log's public key alone: the checkpoint is signed, every event is in the log under it,
 * belongs to the act, and none that the act counts is left out; the statement is what they say. Not a byte may be other than
 * it was written. Reads line by line, in constant memory.
 *
 * @param keys C2SP verifier keys that are trusted: the log's, and those of witnesses
 */
export async function checkExtract(
  source: AsyncIterable<Uint8Array>,
  keys: readonly string[],
): Promise<CheckedExtract> {
  const lines = new LineReader(source)
  const faults: ExtractFault[] = []
  const failed = (...more: ExtractFault[]) => ({ events: 0, witnessed: [], faults: [...faults, ...more] })
  try {
    const { statement, ...signed } = await readHead(lines)
    const checkpoint = checkSignedCheckpoint(signed, keys)
    if ('kind' in checkpoint) return failed({ ...checkpoint, kind: `extract-${checkpoint.kind}` })
    const act = new ActEvents(checkpoint)
    for await (const event of readEvents(lines)) {
      const what = act.add(event)
      if (what) faults.push({ kind: 'extract-event-unproven', what, where: `line ${event.line}` })
      if (faults.length >= MAX_FAULTS) break
    }
    if (faults.length > 0) return failed()
    const told = act.statement()
    if (typeof told === 'string') return failed({ kind: 'extract-incomplete', what: told, where: 'events' })
    const otherwise = compareStatements(statement, told)
    if (otherwise.length > 0) return failed(...otherwise)
    return { statement: told, events: act.size, witnessed: cosignaturesOf(signed, keys), faults }
  } catch (error) {
    if (!(error instanceof MalformedLine)) throw error
    return failed({ kind: 'extract-malformed', what: error.message, where: `line ${error.line}` })
  }
}

type ExtractEvent = z.infer<typeof provenEventShape> & { line: number }

async function readHead(
  lines: LineReader,
): Promise<SignedCheckpoint & { statement: Record<string, unknown> }> {
  await expectLine(lines, `${EXTRACT_PREFIX}${VERSION},`)
  const head = {
    statement: await readMember(lines, 'statement', statementShape),
    checkpoint: await readMember(lines, 'checkpoint', z.string()),
    key: await readMember(lines, 'key', z.string()),
    witnesses: await readMember(lines, 'witnesses', witnessesShape),
  }
  await expectLine(lines, '"events":[')
  return head
}

async function expectLine(lines: LineReader, wanted: string): Promise<void> {
  const line = await lines.next()
  if (line !== wanted) throw new MalformedLine(lines.line, `there should stand ${wanted}`)
}

async function readMember<T>(lines: LineReader, name: string, shape: z.ZodType<T>): Promise<T> {
  const line = await lines.next()
  const value = shape.safeParse(
    (tryParseJson(`{${line.slice(0, -1)}}`) as Record<string, unknown> | undefined)?.[name],
  )
  if (!value.success || memberLine(name, value.data) !== line)
    throw new MalformedLine(lines.line, `it is not the ${name} as it is written here`)
  return value.data
}

/** The events as they stand there, each on its line; then the end of the file. */
async function* readEvents(lines: LineReader): AsyncGenerator<ExtractEvent> {
  for (let last = false; !last; ) {
    const text = await lines.next()
    last = !text.endsWith(',')
    const event = provenEventShape.safeParse(tryParseJson(last ? text : text.slice(0, -1)))
    if (!event.success || `${eventLine(event.data)}${last ? '' : ','}` !== text)
      throw new MalformedLine(lines.line, 'it is no event as it is written here')
    yield { ...event.data, line: lines.line }
  }
  await expectLine(lines, LAST_LINE)
  await lines.end()
}

/** Where the statement says other than the log; where only its bytes differ, that. */
function compareStatements(said: Record<string, unknown>, told: ActStatement): ExtractFault[] {
  const differing = differences(said, told, 'statement').slice(0, MAX_FAULTS)
  if (differing.length > 0)
    return differing.map(difference => ({ kind: 'extract-statement-differs', ...difference }))
  if (JSON.stringify(said) === JSON.stringify(told)) return []
  const what = 'its members are not in the order in which they are written'
  return [{ kind: 'extract-bytes-differ', what, where: 'statement' }]
}
