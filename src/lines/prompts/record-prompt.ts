import { requireRight } from '../../accounts/deeds.js'
import type { DepsWith } from '../../accounts/deps.js'
import type { PhoneTake } from '../../call/ports.js'
import type { Actor } from '../../core/actor.js'
import type { TrialId } from '../../core/ids.js'
import { makeMaster } from '../../prompts/intake/make-master.js'
import { askService } from '../../socket/ask-service.js'
import type { RecordRequest } from '../../socket/protocol.js'
import { requireEndpoint } from '../ring-draft.js'
import { checkKey } from './find-prompts.js'
import { type MakePromptDeps, saveSound, wordsOf } from './make-prompts.js'

/** A prompt to be recorded by telephone. */
export interface RecordByPhone {
  name: string
  language: string
  /** One of `ringEndpoints`. */
  endpoint: string
  /** The words to record; by default those of `of`. */
  template?: string
  /** The version whose words and values are the default; by default the one in force. */
  of?: number
  /** A line whose values the variables get. */
  line?: string
}

/**
 * Has the service ring a phone. The person who answers speaks the prompt after a tone, hears it, and keeps it or
 * records it again. The kept recording becomes a draft, like an uploaded one. The service journals the ring as a trial
 * and the draft as `prompt.saved`, both with the actor's name. The sound stays on the PBX only until the phone hangs
 * up.
 *
 * @returns once the PBX rings the phone
 * @throws AppError `request.invalid` for a phone that is not on the list, and for invalid words; `request.conflict`
 *   while another phone of the actor is rung; `ring.limited`; `ring.refused`; `service.unavailable`; `journal.*`
 */
export async function recordPrompt(
  { config }: DepsWith<never, 'ringEndpoints' | 'data'>,
  actor: Actor,
  { name, language, endpoint, template, of, line }: RecordByPhone,
): Promise<{ trial: TrialId; endpoint: string }> {
  requireRight(actor, 'prompt.record')
  const { name: by, way } = actor
  checkKey({ name, language })
  requireEndpoint(config.ringEndpoints, endpoint)
  const words = {
    ...(template !== undefined && { template }),
    ...(of !== undefined && { of }),
    ...(line !== undefined && { line }),
  }
  const request: RecordRequest = { do: 'record', name, language, endpoint, by, way, ...words }
  const { trial } = await askService(config.data, request)
  return { trial, endpoint }
}

/**
 * Prepares a recording by telephone. The service calls this before it rings, so that it rings only allowed phones, and
 * a person does not speak words that would be refused.
 *
 * @throws AppError `request.invalid`, as `recordPrompt`
 */
export async function promptToRecord(
  deps: MakePromptDeps & DepsWith<never, 'ringEndpoints'>,
  { endpoint, by, way, name, language, template, of, line }: RecordRequest,
): Promise<PhoneTake> {
  requireEndpoint(deps.config.ringEndpoints, endpoint)
  const words = {
    ...{ name, language },
    ...(template !== undefined && { template }),
    ...(of !== undefined && { of }),
    ...(line !== undefined && { line }),
  }
  const { key } = await wordsOf(deps, words)
  return {
    language: key.language,
    check: async sound => void (await makeMaster(deps.config.ffmpeg, sound)),
    async keep(sound) {
      const { prompt } = await saveSound(deps, { name: by, way }, { ...words, sound, how: 'telephone' })
      return prompt.version
    },
  }
}
