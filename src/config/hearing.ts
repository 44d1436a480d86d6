import { isIP } from 'node:net'
import { isAbsolute } from 'node:path'
import { z } from 'zod'
import { SHERPA_KINDS } from '../core/speech-engines.js'
import { isThisHost } from './ari-network.js'
import { countFrom, path } from './fields.js'

const ipAddress = z.string().refine(text => isIP(text) > 0, 'give an IP address of this machine')
const webSocket = z
  .string()
  .regex(/^wss?:\/\/[^\s/?#@]+(\/[^\s?#@]*)?$/, 'give ws://host:port, without user and password')
  .refine(
    url => url.startsWith('wss:') || isThisHost(new URL(url).hostname.replace(/^\[|\]$/g, '')),
    'another host would hear callers in clear: give wss://…',
  )
const sherpaModel = z.string().transform((text, context) => {
  const [, word, folder = ''] = /^([a-z0-9-]+):(.+)$/.exec(text) ?? []
  const kind = SHERPA_KINDS.find(one => one === word)
  if (kind && isAbsolute(folder)) return { kind, folder }
  context.addIssue(`give kind:/folder, where the kind is one of ${SHERPA_KINDS.join(', ')}`)
  return z.NEVER
})

/** The variables about spoken answers. */
export const hearingVariables = {
  CONSENTRY_EAR_HOST: ipAddress.prefault('127.0.0.1'),
  CONSENTRY_EAR_STREAMS: countFrom(0).prefault('20'),
  CONSENTRY_SPEECH_MODELS: path.prefault('/'),
  CONSENTRY_VOSK_RU: webSocket.optional(),
  CONSENTRY_VOSK_EN: webSocket.optional(),
  CONSENTRY_SHERPA_RU: sherpaModel.optional(),
  CONSENTRY_SHERPA_EN: sherpaModel.optional(),
}

/** Groups them for the speech process. */
export function arrangeHearing(
  env: z.infer<z.ZodObject<typeof hearingVariables>> & { CONSENTRY_INSIDE_HOSTS: string[] },
) {
  return {
    host: env.CONSENTRY_EAR_HOST,
    /** Most callers heard at once. 0: spoken answers are off. */
    streams: env.CONSENTRY_EAR_STREAMS,
    /** The folder below which pocketsphinx and its model are. */
    root: env.CONSENTRY_SPEECH_MODELS,
    vosk: byLanguage(env.CONSENTRY_VOSK_RU, env.CONSENTRY_VOSK_EN),
    insideHosts: env.CONSENTRY_INSIDE_HOSTS,
    sherpa: byLanguage(env.CONSENTRY_SHERPA_RU, env.CONSENTRY_SHERPA_EN),
  }
}

const byLanguage = <T>(ru: T | undefined, en: T | undefined): { ru?: T; en?: T } => ({
  ...(ru !== undefined && { ru }),
  ...(en !== undefined && { en }),
})
