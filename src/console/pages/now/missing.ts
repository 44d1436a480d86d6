import { type SetupNeed, setupProgress } from '../../../operations/setup/progress.js'
import type { ConsoleDeps } from '../../deps.js'

/** What a new installation still lacks, in the order in which it is set up. */
export async function missingIn(deps: ConsoleDeps): Promise<SetupNeed[]> {
  const progress = await setupProgress(deps)
  return (['company', 'name', 'key', 'line'] as const).filter(need => !progress[need])
}
