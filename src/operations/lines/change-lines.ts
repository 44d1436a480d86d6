import type { Db } from '../../db/database.js'
import { listLines as selectLines } from '../../policy/line-rows.js'
import { type Line, validateLine } from '../../policy/validate.js'
import { checkPurposes } from '../../recording/check-setup.js'
import type { Actor } from '../../shared/actor.js'
import { AppError } from '../../shared/errors.js'
import type { LinePolicy } from '../../shared/policy.js'
import type { Deps } from '../deps.js'
import { checkPrompts } from './check-prompts.js'
import { saveLines } from './save-lines.js'

export { lineSchema } from '../../policy/validate.js'

/** What putting lines into force works with. */
export type ChangeLinesDeps = Pick<Deps, 'config' | 'db' | 'journal' | 'clock' | 'store' | 'keyStore'>

/** Lines that were put into force. */
export interface ChangedLines {
  /** The new versions, in the order given. */
  lines: LinePolicy[]
  /** Texts for people that say why calls of these lines cannot be recorded. */
  warnings: string[]
}

/**
 * Checks the fields of lines as an admin wrote them. `checkPrompts` compares them with the prompts.
 *
 * @param input one line, or an array of them; parsed JSON, unchecked
 * @throws AppError `policy.invalid`
 */
export function checkLines(input: unknown): Line[] {
  const inputs: unknown[] = Array.isArray(input) ? input : [input]
  if (inputs.length === 0)
    throw new AppError('policy.invalid', 'There is no line: give one as {…}, or several as [{…}, {…}].')
  return inputs.map(validateLine)
}

/**
 * Puts lines into force: all, or none. Running services use them at once, for calls that begin later. Older versions stay,
 * because calls refer to them. The journal gets the actor and the old and the new version of each line (`line.changed`).
 *
 * @param input as for `checkLines`
 * @throws AppError `policy.invalid`; `config.invalid` if a purpose has no store or key store; `journal.*`, see `saveLines`
 */
export async function changeLines(
  deps: ChangeLinesDeps,
  actor: Actor,
  input: unknown,
): Promise<ChangedLines> {
  const lines = checkLines(input)
  await checkPrompts(deps.db, lines)
  const { config, store, keyStore } = deps
  const warnings = checkPurposes(lines, { store, keyStore, recipients: config.recipients })
  // Checked again under the lock, because a prompt may have been published meanwhile.
  const saved = await saveLines(deps, actor, lines, trx => checkPrompts(trx, lines))
  return { lines: saved, warnings }
}

/** Lists the lines in force, by number. */
export const listLines = ({ db }: { db: Db }): Promise<LinePolicy[]> => selectLines(db)
