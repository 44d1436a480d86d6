import { z } from 'zod'
import { checkSigned, type Witnessed, witnessesOf } from '../check-signed.js'
import { differences } from '../differences.js'
import { parseJson } from '../parse-json.js'
import { provedShape, witnessesShape } from '../receipt.js'
import type { Signed } from '../signed.js'
import { ActEvents } from './act-events.js'
import { type ActStatement, eventLine, LAST_LINE, member, statementShape, VERSION } from './extract.js'
import { Lines, Unreadable } from './lines.js'

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
  witnessed: Witnessed[]
  faults: ExtractFault[]
}

/** After so many faults nobody reads on. */
const TOLD = 20

/** How the file begins, whatever follows. */
export const EXTRACT_BEGINS = '{"consentryExtract":'

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
  const lines = new Lines(source)
  const faults: ExtractFault[] = []
  const failed = (...more: ExtractFault[]) => ({ events: 0, witnessed: [], faults: [...faults, ...more] })
  try {
    const { statement, ...signed } = await readHead(lines)
    const checkpoint = checkSigned(signed, keys)
    if ('kind' in checkpoint) return failed({ ...checkpoint, kind: `extract-${checkpoint.kind}` })
    const act = new ActEvents(checkpoint)
    for await (const event of readEvents(lines)) {
      const what = act.add(event)
      if (what) faults.push({ kind: 'extract-event-unproven', what, where: `line ${event.line}` })
      if (faults.length >= TOLD) break
    }
    if (faults.length > 0) return failed()
    const told = act.statement()
    if (typeof told === 'string') return failed({ kind: 'extract-incomplete', what: told, where: 'events' })
    const otherwise = sayOtherwise(statement, told)
    if (otherwise.length > 0) return failed(...otherwise)
    return { statement: told, events: act.size, witnessed: witnessesOf(signed, keys), faults }
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error
    return failed({ kind: 'extract-malformed', what: error.message, where: `line ${error.line}` })
  }
}

type ReadEvent = z.infer<typeof provedShape> & { line: number }

async function readHead(lines: Lines): Promise<Signed & { statement: Record<string, unknown> }> {
  await exactly(lines, `${EXTRACT_BEGINS}${VERSION},`)
  const head = {
    statement: await readMember(lines, 'statement', statementShape),
    checkpoint: await readMember(lines, 'checkpoint', z.string()),
    key: await readMember(lines, 'key', z.string()),
    witnesses: await readMember(lines, 'witnesses', witnessesShape),
  }
  await exactly(lines, '"events":[')
  return head
}

async function exactly(lines: Lines, wanted: string): Promise<void> {
  const line = await lines.next()
  if (line !== wanted) throw new Unreadable(lines.line, `there should stand ${wanted}`)
}

async function readMember<T>(lines: Lines, name: string, shape: z.ZodType<T>): Promise<T> {
  const line = await lines.next()
  const value = shape.safeParse(parse(`{${line.slice(0, -1)}}`)?.[name])
  if (!value.success || member(name, value.data) !== line)
    throw new Unreadable(lines.line, `it is not the ${name} as it is written here`)
  return value.data
}

/** The events as they stand there, each on its line; then the end of the file. */
async function* readEvents(lines: Lines): AsyncGenerator<ReadEvent> {
  for (let last = false; !last; ) {
    const text = await lines.next()
    last = !text.endsWith(',')
    const event = provedShape.safeParse(parse(last ? text : text.slice(0, -1)))
    if (!event.success || `${eventLine(event.data)}${last ? '' : ','}` !== text)
      throw new Unreadable(lines.line, 'it is no event as it is written here')
    yield { ...event.data, line: lines.line }
  }
  await exactly(lines, LAST_LINE)
  await lines.end()
}

/** Where the statement says other than the log; where only its bytes differ, that. */
function sayOtherwise(said: Record<string, unknown>, told: ActStatement): ExtractFault[] {
  const differing = differences(said, told, 'statement').slice(0, TOLD)
  if (differing.length > 0)
    return differing.map(difference => ({ kind: 'extract-statement-differs', ...difference }))
  if (JSON.stringify(said) === JSON.stringify(told)) return []
  const what = 'its members are not in the order in which they are written'
  return [{ kind: 'extract-bytes-differ', what, where: 'statement' }]
}

function parse(text: string): Record<string, unknown> | undefined {
  try {
    return parseJson(text) as Record<string, unknown>
  } catch {
    return undefined
  }
}
