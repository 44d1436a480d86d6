import type { Actor } from '../../core/actor.js'
import { codeOf } from '../../core/errors.js'
import { listVersions } from '../line-versions.js'
import { type DraftDeps, requireDraft, type SeenDraft } from './draft.js'

/**
 * True if a refused step was done before: the actor has published this revision, or it is discarded. So pressing a
 * button twice is not an error.
 */
export async function isDoneAlready(
  { db }: Pick<DraftDeps, 'db'>,
  actor: Actor,
  { draft: id, revision, step }: SeenDraft & { step: string },
): Promise<boolean> {
  if (step !== 'publish' && step !== 'discard') return false
  const draft = await requireDraft(db, id).catch((error: unknown) => {
    if (codeOf(error) === 'not-found') return undefined
    throw error
  })
  if (draft?.revision !== revision) return false
  if (step === 'discard') return draft.state === 'discarded'
  if (draft.state !== 'published') return false
  const versions = await listVersions({ db }, draft.line)
  return versions.find(({ version }) => version === draft.publishedVersion)?.by === actor.name
}
