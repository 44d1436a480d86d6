import type { Db } from '../../db/database.js'
import type { Line } from '../../policy/validate.js'
import {
  contradictions,
  missingPrompts,
  noDisclosure,
  vagueDisclosures,
} from '../../prompts/contradictions.js'
import type { ManifestEntry } from '../../prompts/manifest.js'
import { promptsInForce } from '../../prompts/prompts-in-force.js'
import { AppError } from '../../shared/errors.js'

/**
 * Checks the prompts that callers of a line hear: each exists in the line's language, its words agree with the line, and the disclosure
 * is no prompt that discloses nothing. A call whose prompt is missing is not recorded. Callers who are told another key cannot answer, and a consent to another term is none.
 *
 * @returns texts for people that say which disclosures may disclose nothing: words that an admin has made
 * @throws AppError `policy.invalid` with each field's path
 */
export async function checkPrompts(db: Db, lines: readonly Line[]): Promise<string[]> {
  const known = await promptsInForce(db)
  refuse(lines.flatMap(noDisclosure), findFaults(known, lines))
  return lines.flatMap(line => vagueDisclosures(line, known))
}

/** The same for prompts that are given, whatever the disclosure is. @throws AppError `policy.invalid` */
export const checkAgainst = (known: readonly ManifestEntry[], lines: readonly Line[]): void =>
  refuse([], findFaults(known, lines))

/** What is missing, and what is contradicted. */
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
      ? '\nChange the line, or have other words spoken: see Prompts in docs/configure.md.'
      : ''
  const list = faults.map(fault => `  ${fault}`).join('\n')
  throw new AppError('policy.invalid', `The line is not valid.\n${list}${advice}`)
}
