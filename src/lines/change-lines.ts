import { requireRight } from '../accounts/deeds.js'
import type { Deps } from '../accounts/deps.js'
import { recipientsInForce } from '../config/own-recipients.js'
import type { Actor } from '../core/actor.js'
import { AppError } from '../core/errors.js'
import type { Message } from '../core/message.js'
import type { LinePolicy } from '../core/policy.js'
import type { Db } from '../db/database.js'
import { checkPurposes } from '../vault/check-setup.js'
import { approvalOfDirectChange } from './approval.js'
import { checkPrompts } from './check-prompts.js'
import { listLines as selectLines } from './line-rows.js'
import { namesGroup, type ReadLine, readLine } from './read-line.js'
import { lockLines, saveUnderLock } from './save-lines.js'
import { type Line, validateLine } from './validate.js'

export { lineSchema } from './validate.js'

/** What putting lines into force needs. */
export type ChangeLinesDeps = Pick<Deps, 'config' | 'db' | 'journal' | 'clock' | 'store' | 'keyStore'>

/** Lines that were put into force. */
export interface ChangedLines {
  /** The new versions, in the order given. */
  lines: LinePolicy[]
  /** Messages: disclosures that may disclose nothing, and why calls of these lines cannot be recorded. */
  warnings: Message[]
}

/**
 * Checks the fields of lines as an admin wrote them. `checkPrompts` compares them with the prompts. A line with a group is not checked
 * here, because the database has its other fields.
 *
 * @param input one line, or an array of them; parsed JSON, unchecked
 * @returns the lines without a group
 * @throws AppError `policy.invalid`
 */
export const checkLines = (input: unknown): Line[] =>
  inputsOf(input)
    .filter(one => !namesGroup(one))
    .map(validateLine)

function inputsOf(input: unknown): unknown[] {
  const inputs: unknown[] = Array.isArray(input) ? input : [input]
  if (inputs.length > 0) return inputs
  throw new AppError('policy.invalid', 'There is no line: give one as {…}, or several as [{…}, {…}].')
}

/**
 * Puts lines into force: all, or none. Running services use them at once, for calls that begin later. Older versions stay,
 * because calls refer to them. The journal gets the actor and the old and the new version of each line (`line.changed`).
 *
 * @param input as for `checkLines`
 * @param options.withoutApproval whether the command is to do without an approval where one is required
 * @throws AppError `policy.invalid`; `config.invalid` if a purpose has no store or key store; `approval.required` if the
 *   installation requires an approval, except for a command that says `withoutApproval`; `journal.*`, see `saveLines`
 */
export async function changeLines(
  deps: ChangeLinesDeps,
  actor: Actor,
  input: unknown,
  { withoutApproval = false }: { withoutApproval?: boolean | undefined } = {},
): Promise<ChangedLines> {
  requireRight(actor, 'line.set')
  const approval = approvalOfDirectChange(deps.config, actor, withoutApproval)
  const inputs = inputsOf(input)
  return deps.db.transaction().execute(async trx => {
    await lockLines(trx)
    const read: ReadLine[] = []
    for (const one of inputs) read.push(await readLine(trx, one))
    const warnings = await checkSetup(
      trx,
      deps,
      read.map(({ line }) => line),
    )
    const changes = read.map(one => ({ ...one, ...approval }))
    return { lines: await saveUnderLock(trx, deps, actor, changes), warnings }
  })
}

/**
 * Checks that the prompts of lines exist and agree with them, and that their purposes have a store and a key store.
 *
 * @returns texts for people: which disclosures may disclose nothing, and why calls of these lines cannot be recorded
 * @throws AppError `policy.invalid`, `config.invalid`
 */
export async function checkSetup(
  db: Db,
  { config, store, keyStore }: Pick<Deps, 'config' | 'store' | 'keyStore'>,
  lines: readonly Line[],
): Promise<Message[]> {
  const vague = await checkPrompts(db, lines)
  return [...vague, ...checkPurposes(lines, { store, keyStore, recipients: recipientsInForce(config) })]
}

/** Lists the lines in force, by number. */
export const listLines = ({ db }: { db: Db }): Promise<LinePolicy[]> => selectLines(db)
