import { AppError } from '../core/errors.js'
import { type Message, messageOf, text } from '../core/message.js'
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
export async function checkPrompts(db: Db, lines: readonly Line[]): Promise<Message[]> {
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
  missing: Message[]
  contradicted: Message[]
}

const findFaults = (known: readonly ManifestEntry[], lines: readonly Line[]): Found => ({
  missing: lines.flatMap(line => missingPrompts(line, known)),
  contradicted: lines.flatMap(line => contradictions(line, known)),
})

function refuse(undisclosed: Message[], { missing, contradicted }: Found): void {
  const faults = [...undisclosed, ...missing, ...contradicted]
  if (faults.length === 0) return
  const advice = messageOf('Change the line, or have other words spoken: see Prompts in docs/configure.md.')
  throw notValid(faults, contradicted.length > 0 ? advice : undefined)
}

async function refuseExamples(
  db: Db,
  known: readonly ManifestEntry[],
  lines: readonly Line[],
): Promise<void> {
  const found: Message[] = []
  for (const line of lines)
    for (const fault of await exampleNames(db, line, known))
      found.push(text`line ${line.number}, ${{ field: fault.path }}: ${fault.text}`)
  if (found.length > 0) throw notValid(found, EXAMPLE_ADVICE)
}

function notValid(faults: readonly Message[], advice: Message | undefined): AppError {
  const list = { list: faults.map(fault => text`  ${fault}`), between: '\n' }
  return new AppError(
    'policy.invalid',
    advice ? text`The line is not valid.\n${list}\n${advice}` : text`The line is not valid.\n${list}`,
  )
}
