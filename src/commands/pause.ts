import { readConfig } from '../config/config.js'
import { AppError } from '../shared/errors.js'
import { type Command, oneWord, printJson } from './command.js'

/** How long the running service may take to answer, ms; it does so at once. */
const PATIENCE_MS = 5_000

/** Both verbs ask the running service. */
const switchPause = (to: 'pause' | 'resume', summary: string, details?: string): Command => ({
  summary,
  ...(details && { details }),
  usage: ['CALL'],
  example: `${to} 0b7f2c52-6b0e-4f0e-9a39-1f2a6ad6cb55`,
  options: {},
  async run(request) {
    const call = oneWord(request, 'call id')
    const { http, apiToken } = readConfig(process.env, 'tool')
    if (!apiToken) {
      const told = 'Set CONSENTRY_API_TOKEN to what the service has: without one it takes no such orders.'
      throw new AppError('config.invalid', told)
    }
    const url = `${addressOf(http)}/api/calls/${encodeURIComponent(call)}/${to}`
    const answer = await fetch(url, {
      method: 'POST',
      headers: { authorization: `Bearer ${apiToken.reveal()}` },
      signal: AbortSignal.timeout(PATIENCE_MS),
    }).catch(cause => {
      const told = `The service at ${http.host}:${http.port} does not answer.`
      throw new AppError('tool.failed', told, { retryable: true, cause })
    })
    const body = (await answer.json().catch(() => ({}))) as { error?: string }
    if (!answer.ok)
      throw new AppError('not-found', `Refused (${answer.status}): ${body.error ?? 'no reason given'}.`)
    if (request.json) printJson(body)
    else process.stdout.write(to === 'pause' ? 'Paused.\n' : 'Goes on.\n')
    return 0
  },
})

/** Where a service that listens on this address is reached from the same machine. */
function addressOf({ host, port }: { host: string; port: number }): string {
  if (host === '0.0.0.0') return `http://127.0.0.1:${port}`
  if (host === '::') return `http://[::1]:${port}`
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`
}

export const pause = switchPause(
  'pause',
  'Pauses the recordings of a call',
  'Nothing is kept until resume, or until the time that the line allows is over: for example while a card number is said.',
)
export const resume = switchPause('resume', 'Continues the paused recordings of a call')
