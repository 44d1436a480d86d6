import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { Test } from 'tap'

/** What RFC 6455 adds to a key to make the answer to it. */
const MAGIC = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'
/** How a PBX describes its ARI, with one resource that has no operations. */
const VERSIONS = { apiVersion: '1', swaggerVersion: '1.1', basePath: '' }
export const RESOURCES = { ...VERSIONS, apis: [{ path: '/api-docs/asterisk.{format}', description: '' }] }
const RESOURCE = { ...VERSIONS, resourcePath: '/api-docs/asterisk.{format}', apis: [], models: {} }

export const Opcode = { text: 1, binary: 2, close: 8, pong: 10 } as const

/** What stands where a PBX should be: a WebSocket that says whatever a test wants. */
export class FakePbx {
  #socket: Socket | undefined
  /** Answers requests in its own way while a test wants it. */
  requestHandler: RequestListener | undefined
  /** Paths that were asked for. */
  readonly requestedPaths: string[] = []
  /** How often a service has connected. */
  connections = 0

  private constructor(readonly url: string) {}

  static async start(t: Test): Promise<FakePbx> {
    const server = createServer((request, response) => {
      pbx.requestedPaths.push(request.url ?? '')
      if (pbx.requestHandler) return pbx.requestHandler(request, response)
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify(request.url?.includes('resources') ? RESOURCES : RESOURCE))
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const pbx = new FakePbx(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
    server.on('upgrade', (request, socket: Socket) => {
      const key = createHash('sha1')
        .update(`${request.headers['sec-websocket-key']}${MAGIC}`)
        .digest('base64')
      const head = ['HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade']
      socket.write(`${head.join('\r\n')}\r\nSec-WebSocket-Accept: ${key}\r\n\r\n`)
      socket.on('error', () => {})
      // Whatever it asks, in pings, counts as answered.
      socket.on('data', () => socket.write(serverFrame('', Opcode.pong)))
      pbx.#socket = socket
      pbx.connections += 1
    })
    t.teardown(() => {
      pbx.#socket?.destroy()
      server.closeAllConnections()
      server.close()
    })
    return pbx
  }

  /** Says one message. */
  send(message: string | Buffer | object, opcode: number = Opcode.text): void {
    const plain = typeof message === 'string' || Buffer.isBuffer(message)
    this.#socket?.write(serverFrame(plain ? message : JSON.stringify(message), opcode))
  }

  /** Writes bytes that need be no WebSocket frame. */
  sendRaw(bytes: Buffer): void {
    this.#socket?.write(bytes)
  }

  disconnect(): void {
    this.#socket?.destroy()
  }
}

/** One text as servers send it. */
export const textFrame = (text: string): Buffer => serverFrame(text, Opcode.text)

/** One unmasked frame, as servers send them. */
export function serverFrame(message: string | Buffer, opcode: number): Buffer {
  const body = Buffer.from(message)
  const head = Buffer.alloc(10)
  head[0] = 0x80 | opcode
  head[1] = 127
  head.writeBigUInt64BE(BigInt(body.length), 2)
  const short = Buffer.from([0x80 | opcode, body.length])
  return Buffer.concat([body.length < 126 ? short : head, body])
}
