import { type Recordable, type SetupNeed, setupProgress } from '../../../site/progress.js'
import type { ConsoleDeps } from '../../deps.js'

/** The unfinished steps of the setup, in their order, and what can be recorded without them. */
export async function missingIn(
  deps: ConsoleDeps,
): Promise<{ missing: SetupNeed[]; recordable: Recordable }> {
  const { recordable, ...progress } = await setupProgress(deps)
  return {
    missing: (['company', 'name', 'key', 'line'] as const).filter(need => !progress[need]),
    recordable,
  }
}
