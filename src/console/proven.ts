import type { FastifyRequest } from 'fastify'
import { hasRight, type ProvenDeed } from '../accounts/deeds.js'
import { provenUntil } from '../accounts/proof.js'
import type { ConsoleDeps } from './deps.js'

/** True if the visitor may do a deed, but must prove their identity first. */
export async function needsProof(
  deps: Pick<ConsoleDeps, 'db' | 'clock'>,
  { actor }: FastifyRequest,
  deed: ProvenDeed,
): Promise<boolean> {
  if (!actor || !('session' in actor) || !hasRight(actor, deed)) return false
  return (await provenUntil(deps, actor)) === undefined
}
