import type { Message } from '../core/message.js'
import type { LinePolicy } from '../core/policy.js'
import type { Db } from '../db/database.js'
import { type PromptFault, promptFaults, vagueDisclosures } from '../prompts/contradictions.js'
import { promptsInForce } from '../prompts/prompts-in-force.js'

/** The doubts about a line in force. */
export interface LineDoubts {
  number: string
  /** Fields whose prompt is missing, is not a disclosure, or contradicts the line. */
  faults: PromptFault[]
  /** Messages about disclosures that name neither the retention nor the key for a withdrawal. */
  vague: Message[]
}

/**
 * Compares lines in force with the prompts that calls hear. A prompt may have changed since a line was set.
 *
 * @returns the lines with doubts
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
