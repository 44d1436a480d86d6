import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Server as TlsServer } from 'node:https'

/** True for requests that may take longer to arrive. */
export type IsUpload = (request: IncomingMessage) => boolean

/** How fast the bodies of requests must arrive. */
export interface BodyPace {
  /** Longest time for a body, ms. The largest body that is not an upload has some kilobytes. */
  bodyMs: number
  /** Longest time for an upload, ms. */
  uploadMs: number
  /** Least bytes of an upload in each span of `bodyMs`. */
  leastBytes: number
  /** Interval of checks for late bodies, ms. */
  checkMs: number
}

/** An upload of 10 MB takes ten minutes at the least pace, which is 128 kbit/s: a bad uplink. */
export const BODY_PACE: BodyPace = { bodyMs: 10_000, uploadMs: 660_000, leastBytes: 160_000, checkMs: 1_000 }

/** A body in transit. Times are of `performance.now()`, ms. */
interface Arriving {
  response: ServerResponse
  begunAt: number
  /** Start of the present span, and the bytes that the connection had received then. */
  spanAt: number
  spanBytes: number
}

/**
 * Disconnects clients whose bodies arrive too slowly. Each span of an upload must bring enough bytes until it is
 * answered. A client that sends a byte now and then is disconnected, and so is one that keeps sending after a refusal.
 */
export function limitBodies(
  server: Server | TlsServer,
  isUpload: IsUpload,
  pace: BodyPace = BODY_PACE,
): void {
  const arriving = new Map<IncomingMessage, Arriving>()
  server.on('request', (request, response) => {
    const at = performance.now()
    arriving.set(request, { response, begunAt: at, spanAt: at, spanBytes: request.socket.bytesRead })
    request.once('close', () => arriving.delete(request))
  })
  const check = () => {
    const now = performance.now()
    for (const [request, body] of arriving) {
      if (request.complete) arriving.delete(request)
      else if (isLate(request, body, now)) disconnect(request, body.response)
    }
  }
  const isLate = (request: IncomingMessage, body: Arriving, now: number): boolean => {
    if (now - body.spanAt < pace.bodyMs) return false
    if (body.response.writableEnded || !isUpload(request) || now - body.begunAt >= pace.uploadMs) return true
    const { bytesRead } = request.socket
    if (bytesRead - body.spanBytes < pace.leastBytes) return true
    Object.assign(body, { spanAt: now, spanBytes: bytesRead })
    return false
  }
  const disconnect = (request: IncomingMessage, response: ServerResponse) => {
    arriving.delete(request)
    // This is the server's own error for a late request, so that the answer is the same (408).
    const late = Object.assign(new Error('the body is late'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' })
    const answered = response.headersSent || server.listenerCount('clientError') === 0
    if (answered || !server.emit('clientError', late, request.socket)) request.socket.destroy()
  }
  const timer = setInterval(check, pace.checkMs).unref()
  server.once('close', () => clearInterval(timer))
}
