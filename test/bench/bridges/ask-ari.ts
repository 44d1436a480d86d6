import type { Pbx } from '../../../lab/pbx.js'

/** Longest time for an answer, ms. An Asterisk whose ARI is blocked never answers. */
const ANSWER_LIMIT_MS = 10_000

/**
 * Asks a lab's PBX about one of its ARI applications, or changes it.
 *
 * @param path below `/ari/applications/`
 * @returns what the PBX says of the application; undefined if it refuses
 */
export async function askAri(
  { ari: { url, username, password } }: Pbx,
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  path: string,
  body?: object,
): Promise<{ bridge_ids?: string[] } | undefined> {
  const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
  const answer = await fetch(`${url}/ari/applications/${path}`, {
    method,
    headers: { authorization, ...(body && { 'content-type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(ANSWER_LIMIT_MS),
  })
  const text = await answer.text()
  return answer.ok ? JSON.parse(text || '{}') : undefined
}
