import type { Db } from '../../db/database.js'
import { type PromptFault, promptFaults, vagueDisclosures } from '../../prompts/contradictions.js'
import { promptsInForce } from '../../prompts/prompts-in-force.js'
import type { LinePolicy } from '../../shared/policy.js'

/** What to look at on a line in force. */
export interface LineDoubts {
  number: string
  /** Fields whose prompt is missing, is no disclosure, or says something else than the line. */
  faults: PromptFault[]
  /** Sentences for people about disclosures that name neither a term nor the key of a withdrawal. */
  vague: string[]
}

/**
 * Compares lines in force with the prompts that calls hear. A prompt may have changed since a line was set.
 *
 * @returns those lines with something to look at
 * @throws AppError as `promptsInForce`
 */
export async function doubtsAbout(db: Db, lines: readonly LinePolicy[]): Promise<LineDoubts[]> {
  const known = await promptsInForce(db)
  return lines
    .map(line => ({
      number: line.number,
      faults: promptFaults(line, known),
      vague: vagueDisclosures(line, known),
    }))
    .filter(({ faults, vague }) => faults.length > 0 || vague.length > 0)
}
