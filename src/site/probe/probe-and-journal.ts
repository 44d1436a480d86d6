import { requireRight } from '../../accounts/deeds.js'
import { CONFIRM_MS, type DepsWith, identitiesIn } from '../../accounts/deps.js'
import type { Actor } from '../../core/actor.js'
import { AppError } from '../../core/errors.js'
import { event } from '../../core/events.js'
import type { ProbeAnswer } from '../../core/probe-call.js'
import { findLines } from '../../lines/line-rows.js'
import { type ProbeResult, probeLine as probe } from './probe-line.js'

export type { ProbeResult } from './probe-line.js'

/** A probe call to make. */
export interface ProbeRequest {
  /** Number of the line. */
  line: string
  answer: ProbeAnswer
  /** Dialplan context that is called; by default the one of the settings. */
  context?: string | undefined
  /** Ends the call early when aborted. */
  stopping?: AbortSignal | undefined
}

type ProbeDeps = DepsWith<'db' | 'journal' | 'store' | 'keyStore' | 'clock', 'ari' | 'probes' | 'identities'>

/**
 * Calls a line through the PBX as a caller who answers yes, no or nothing, and judges the call. Journals the result.
 *
 * @throws AppError `not-found` if the number is no line; `config.invalid` without access to the PBX; `journal.*`,
 *   `db.*`, `store.*`; `service.unavailable` if `stopping` is aborted
 */
export async function probeLine(
  deps: ProbeDeps,
  actor: Actor,
  { line: number, answer, context, stopping }: ProbeRequest,
): Promise<ProbeResult> {
  requireRight(actor, 'line.probe')
  const { name: by, way } = actor
  const { config, ...tools } = deps
  const { ari, probes } = config
  if (ari.username === '')
    throw new AppError(
      'config.invalid',
      'ARI_USERNAME, ARI_PASSWORD: a probe call needs them. Run it with the settings of the service.',
    )
  const [line] = await findLines(deps.db, [number])
  if (!line) throw new AppError('not-found', `${number} is no line: consentry line list shows all.`)
  const identities = identitiesIn(config)
  const result = await probe(
    { ...tools, ...(identities && { identities }) },
    { line, answer, access: ari, context: context ?? probes.context, stopping },
  )
  const faults = [...new Set(result.faults.map(({ kind }) => kind))]
  const data = { line: number, answer, call: result.call, faults, by, way }
  await deps.journal.append([event('probe.finished', null, deps.clock.now(), data)], CONFIRM_MS)
  return result
}
