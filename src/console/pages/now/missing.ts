import { type Recordable, type SetupNeed, setupProgress } from '../../../operations/setup/progress.js'
import type { ConsoleDeps } from '../../deps.js'

/** What a new installation still lacks, in the order in which it is set up, and what can be recorded with what it has. */
export async function missingIn(
  deps: ConsoleDeps,
): Promise<{ missing: SetupNeed[]; recordable: Recordable }> {
  const { recordable, ...progress } = await setupProgress(deps)
  return {
    missing: (['company', 'name', 'key', 'line'] as const).filter(need => !progress[need]),
    recordable,
  }
}
