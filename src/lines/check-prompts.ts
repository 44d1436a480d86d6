import { AppError } from '../core/errors.js'
import type { Db } from '../db/database.js'
import { contradictions, missingPrompts, noDisclosure, vagueDisclosures } from '../prompts/contradictions.js'
import type { ManifestEntry } from '../prompts/manifest.js'
import { promptsInForce } from '../prompts/prompts-in-force.js'
import { EXAMPLE_ADVICE, exampleNames } from './example-names.js'
import type { Line } from './validate.js'

/**
 * Checks the prompts of lines: each exists in the line's language, its words agree with the line, and the disclosure is
 * not a prompt that discloses nothing. Outside a trial no prompt may name the example company of the shipped prompts. A
 * call with a missing prompt is not recorded. Prompts must not announce a different key or term than the line uses:
 * callers could not answer, or would consent to another term.
 *
 * @returns messages about disclosures whose words, made by an administrator, may disclose nothing
 * @throws AppError `policy.invalid` with each field's path
 */
export async function checkPrompts(db: Db, lines: readonly Line[]): Promise<string[]> {
  const known = await promptsInForce(db)
  refuse(lines.flatMap(noDisclosure), findFaults(known, lines))
  await refuseExamples(db, known, lines)
  return lines.flatMap(line => vagueDisclosures(line, known))
}

/** Checks lines against given prompts, without the check of the disclosure. @throws AppError `policy.invalid` */
export const checkAgainst = (known: readonly ManifestEntry[], lines: readonly Line[]): void =>
  refuse([], findFaults(known, lines))

/** Messages about missing prompts and about contradictions. */
interface Found {
  missing: string[]
  contradicted: string[]
}

const findFaults = (known: readonly ManifestEntry[], lines: readonly Line[]): Found => ({
  missing: lines.flatMap(line => missingPrompts(line, known)),
  contradicted: lines.flatMap(line => contradictions(line, known)),
})

function refuse(undisclosed: string[], { missing, contradicted }: Found): void {
  const faults = [...undisclosed, ...missing, ...contradicted]
  if (faults.length === 0) return
  const advice =
    contradicted.length > 0
      ? '\nChange the line, or have other words spoken: see Prompts in docs/lines.md.'
      : ''
  const list = faults.map(fault => `  ${fault}`).join('\n')
  throw new AppError('policy.invalid', `The line is not valid.\n${list}${advice}`)
}

async function refuseExamples(
  db: Db,
  known: readonly ManifestEntry[],
  lines: readonly Line[],
): Promise<void> {
  const found: string[] = []
  for (const line of lines)
    for (const { path, message } of await exampleNames(db, line, known))
      found.push(`  line ${line.number}, ${path}: ${message}`)
  const [list, advice] = [found.join('\n'), `\n${EXAMPLE_ADVICE}`]
  if (found.length > 0) throw new AppError('policy.invalid', `The line is not valid.\n${list}${advice}`)
}
