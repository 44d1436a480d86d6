import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { makeProblem, PROBLEM_TYPE, Refusal } from './problem.js'

/** Directives of the policy of answers that are not pages: nothing is loaded, framed or sent. */
export const STILL_POLICY = {
  ...{ defaultSrc: ["'none'"], baseUri: ["'none'"], formAction: ["'none'"] },
  frameAncestors: ["'none'"],
}

/** Headers of answers to requests that reach no hook. */
const HEADERS = {
  'content-type': `${PROBLEM_TYPE}; charset=utf-8`,
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none';base-uri 'none';form-action 'none';frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'strict-transport-security': 'max-age=31536000; includeSubDomains',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
}

/**
 * Answers a request whose address cannot be decoded.
 *
 * @param sendPage answers a browser, with these headers and its own
 */
export function answerAddress(
  request: FastifyRequest,
  reply: FastifyReply,
  sendPage: (refusal: Refusal) => Promise<void>,
): void {
  reply.headers(HEADERS)
  if (isForPage(request)) void sendPage(new Refusal(400, 'The address is malformed: type it again.'))
  else reply.code(400).send(makeProblem(400, 'The address is malformed: see /api/v1/openapi.json.'))
}

/** True for a request of a browser that shows a page, and not of a script or a program. */
export const isForPage = ({ headers, url }: Pick<FastifyRequest, 'headers' | 'url'>): boolean =>
  headers.accept?.includes('text/html') === true && !url.startsWith('/api/')

/** Status by the codes of Node's parser. */
const STATUS: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
}

/** Answers input that is not an HTTP request, and ends the connection. */
export function answerNonsense({ code = '' }: { code?: string }, socket: Socket): void {
  if (code === 'ECONNRESET' || socket.destroyed) return
  const status = STATUS[code] ?? 400
  const body = JSON.stringify(makeProblem(status, 'This is not a request of HTTP/1.1 within the limits.'))
  const headers = { ...HEADERS, 'content-length': String(Buffer.byteLength(body)), connection: 'close' }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  if (socket.writable)
    socket.write(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('')}\r\n${body}`)
  socket.destroySoon()
}
