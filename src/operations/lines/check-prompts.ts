import type { Db } from '../../db/database.js'
import type { Line } from '../../policy/validate.js'
import { contradictions, missingPrompts } from '../../prompts/contradictions.js'
import type { ManifestEntry } from '../../prompts/manifest.js'
import { promptsInForce } from '../../prompts/prompts-in-force.js'
import { AppError } from '../../shared/errors.js'

/**
 * Checks that each prompt that callers of a line hear exists in the line's language, and that its words agree with the line. A call
 * whose prompt is missing is not recorded. Callers who are told another key cannot answer, and a consent to another term is none.
 *
 * @throws AppError `policy.invalid` with each field's path
 */
export async function checkPrompts(db: Db, lines: readonly Line[]): Promise<void> {
  checkAgainst(await promptsInForce(db), lines)
}

/** The same for prompts that are given. @throws AppError `policy.invalid` */
export function checkAgainst(known: readonly ManifestEntry[], lines: readonly Line[]): void {
  const missing = lines.flatMap(line => missingPrompts(line, known))
  const contradicted = lines.flatMap(line => contradictions(line, known))
  const faults = [...missing, ...contradicted]
  if (faults.length === 0) return
  const advice =
    contradicted.length > 0
      ? '\nChange the line, or have other words spoken: see Prompts in docs/configure.md.'
      : ''
  const list = faults.map(fault => `  ${fault}`).join('\n')
  throw new AppError('policy.invalid', `The line is not valid.\n${list}${advice}`)
}
