import type { Deps } from '../accounts/deps.js'
import type { LengthOf } from '../call/simulate/simulated-call.js'
import { type CallerMet, tryCallers } from '../call/simulate/try-callers.js'
import { AppError } from '../core/errors.js'
import { text } from '../core/message.js'
import type { Db } from '../db/database.js'
import { readManifest, shippedPromptFolder } from '../prompts/manifest.js'
import { promptsInForce } from '../prompts/prompts-in-force.js'
import { checkLines } from './change-lines.js'
import { checkAgainst } from './check-prompts.js'
import { findLines } from './line-rows.js'
import { namesGroup, readLine } from './read-line.js'
import type { Line } from './validate.js'

export type { CallerMet, TryCaller } from '../call/simulate/try-callers.js'
export { namesGroup } from './read-line.js'

/** What callers of a line would hear and reach. */
export interface LineTrial {
  line: Line
  /** Empty for a line without recordings: its callers hear nothing. */
  callers: CallerMet[]
}

/**
 * Lets callers try a line: with keys, in silence, and on a line by voice with words. They call the machine that runs real calls, on
 * prompts of their real length. Nothing is saved, journalled or recorded.
 *
 * @param input the line as an admin wrote it; parsed JSON, unchecked
 * @param db has the published prompts, and what a line inherits from its group; without it, the shipped prompts are heard
 * @throws AppError `policy.invalid`
 */
export async function tryLine(input: unknown, db?: Db): Promise<LineTrial> {
  const lines = db && namesGroup(input) ? [(await readLine(db, input)).line] : checkLines(input)
  const [line] = lines
  if (!line || lines.length > 1) throw new AppError('policy.invalid', 'Give one line to try, as {…}.')
  const manifest = await (db ? promptsInForce(db) : readManifest(shippedPromptFolder()))
  checkAgainst(manifest, lines)
  const lengthOf: LengthOf = (prompt, spoken) =>
    manifest.find(({ name, language }) => name === prompt && language === spoken)!.lengthMs
  return { line, callers: line.mode === 'none' ? [] : tryCallers({ ...line, version: 1 }, lengthOf) }
}

/** The same for the line that is in force for a number. @throws AppError `not-found` */
export async function tryNumber({ db }: Pick<Deps, 'db'>, number: string): Promise<LineTrial> {
  const [found] = await findLines(db, [number])
  if (!found) throw new AppError('not-found', text`There is no line ${number}. See consentry line list.`)
  const { version, ...line } = found
  return tryLine(line, db)
}
