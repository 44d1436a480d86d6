import { requireRight } from '../accounts/deeds.js'
import type { DepsWith } from '../accounts/deps.js'
import type { Actor } from '../core/actor.js'
import { AppError } from '../core/errors.js'
import type { DraftId, TrialId } from '../core/ids.js'
import { text } from '../core/message.js'
import type { LinePolicy } from '../core/policy.js'
import { askService } from '../socket/ask-service.js'
import type { RingRequest } from '../socket/protocol.js'
import { type DraftDeps, requireDraft, requireSeen, type SeenDraft } from './drafts/draft.js'
import { requireValid } from './drafts/show-draft.js'

/** The phone that plays a draft. */
export interface RingDraft extends SeenDraft {
  /** One of `ringEndpoints`. */
  endpoint: string
}

/** A phone that may be rung: its name at the PBX, and its name for people. */
export interface Phone {
  endpoint: string
  name: string | undefined
}

/** The settings of phones. */
type RingConfig = DepsWith<never, 'ringEndpoints'>

/** Lists the phones that may be rung, by their names at the PBX. Empty: ringing is off. */
export const ringEndpoints = ({ config }: RingConfig): string[] => [...config.ringEndpoints]

/** Lists the same phones with their names for people. */
export const ringPhones = ({ config }: DepsWith<never, 'ringEndpoints' | 'ringNames'>): Phone[] =>
  config.ringEndpoints.map((endpoint, i) => ({ endpoint, name: config.ringNames[i] }))

/**
 * Has the service ring a phone. The person who answers hears the draft as a caller of its line would. Nothing is
 * recorded or counted as a call. The service journals a trial with the actor's name.
 *
 * @returns once the PBX rings the phone
 * @throws AppError `request.invalid` for a phone that is not on the list, and for a draft that asks nothing;
 *   `not-found`; `request.conflict` if the actor has not seen the present revision, or has another phone rung;
 *   `policy.invalid`; `ring.limited`; `ring.refused` if the PBX does not ring it; `service.unavailable`; `journal.*`
 */
export async function ringDraft(
  { config }: DepsWith<never, 'ringEndpoints' | 'data'>,
  actor: Actor,
  { draft, revision, endpoint }: RingDraft,
): Promise<{ trial: TrialId; endpoint: string }> {
  requireRight(actor, 'draft.ring')
  const { name: by, way } = actor
  requireEndpoint(config.ringEndpoints, endpoint)
  const request: RingRequest = { do: 'ring', draft: draft as DraftId, revision, endpoint, by, way }
  const { trial } = await askService(config.data, request)
  return { trial, endpoint }
}

/**
 * Finds the line that a phone plays. The service calls this before it rings, so that it rings only allowed phones, and
 * only for the draft and revision that the journal names.
 *
 * @throws AppError `request.invalid`, `not-found`, `request.conflict`, `policy.invalid`, as `ringDraft`
 */
export async function lineToRing(
  deps: DraftDeps,
  { draft: id, revision, endpoint }: RingDraft,
): Promise<LinePolicy> {
  requireEndpoint(deps.config.ringEndpoints, endpoint)
  const draft = await requireDraft(deps.db, id)
  requireSeen(draft, revision)
  const { line } = await requireValid(deps, deps.db, draft, 'to try')
  if (line.mode === 'none')
    throw new AppError(
      'request.invalid',
      'This line says nothing to its callers, so there is nothing to hear.',
    )
  // A draft is not in force, so it has no version.
  return { ...line, version: 0 }
}

/** Requires an allowed phone. @throws AppError `request.invalid`, which names the phones that may be rung */
export function requireEndpoint(allowed: readonly string[], endpoint: string): void {
  if (allowed.length === 0)
    throw new AppError(
      'request.invalid',
      'No phone may be rung: name some in CONSENTRY_RING_ENDPOINTS, such as PJSIP/anna, and restart the service.',
    )
  if (!allowed.includes(endpoint))
    throw new AppError(
      'request.invalid',
      text`This phone may not be rung. These may: ${allowed.join(', ')}. CONSENTRY_RING_ENDPOINTS names them.`,
    )
}
