import { get, type OutgoingHttpHeaders } from 'node:http'

/** An answer over HTTP. */
export interface HttpAnswer {
  status: number
  body: string
}

/**
 * Gets a page of a program of the lab. `fetch` would first load its client, which takes longer than the request itself.
 *
 * @param limit longest wait without a byte, ms
 * @returns undefined without an answer
 */
export function httpGet(
  url: string,
  limit: number,
  headers: OutgoingHttpHeaders = {},
): Promise<HttpAnswer | undefined> {
  return new Promise(resolve => {
    const request = get(url, { headers, agent: false, timeout: limit }, answer => {
      let body = ''
      answer.setEncoding('utf8').on('data', piece => (body += piece))
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body }))
      answer.on('error', () => resolve(undefined))
    })
    request.on('timeout', () => request.destroy())
    request.on('error', () => resolve(undefined))
  })
}
