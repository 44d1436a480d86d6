// Fake: a PBX's ARI. The sockets are real.
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { Test } from 'tap'

/** The constant that RFC 6455 section 1.3 appends to the client's key. */
const MAGIC = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'
/** How ARI describes the order that each connection begins with. */
export const SET_VARIABLE = {
  path: '/asterisk/variable',
  description: '',
  operations: [
    {
      httpMethod: 'POST',
      nickname: 'setGlobalVar',
      responseClass: 'void',
      parameters: ['variable', 'value'].map(name => ({ name, paramType: 'query', dataType: 'string' })),
    },
  ],
}
/** Description of an ARI with one resource, which has this operation alone. */
const VERSIONS = { apiVersion: '1', swaggerVersion: '1.1', basePath: '' }
export const RESOURCES = { ...VERSIONS, apis: [{ path: '/api-docs/asterisk.{format}', description: '' }] }
const RESOURCE = {
  ...VERSIONS,
  resourcePath: '/api-docs/asterisk.{format}',
  apis: [SET_VARIABLE],
  models: {},
}

export const Opcode = { text: 1, binary: 2, close: 8, pong: 10 } as const

/** A fake PBX: an HTTP server with a WebSocket that sends whatever a test wants. */
export class FakePbx {
  #socket: Socket | undefined
  /** Answers requests in place of the usual answers. */
  requestHandler: RequestListener | undefined
  /** Paths of all requests. */
  readonly requestedPaths: string[] = []
  /** Goes out together with the answer that opens a WebSocket. */
  withAnswer: Buffer = Buffer.alloc(0)
  /** Number of WebSocket connections up to now. */
  connections = 0

  private constructor(readonly url: string) {}

  /** Answers a request as usual. */
  readonly usualAnswer: RequestListener = ({ url }, response) => {
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify(url?.includes('resources') ? RESOURCES : RESOURCE))
  }

  static async start(t: Test): Promise<FakePbx> {
    const server = createServer((request, response) => {
      pbx.requestedPaths.push(request.url ?? '')
      const answer = pbx.requestHandler ?? pbx.usualAnswer
      answer(request, response)
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const pbx = new FakePbx(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
    server.on('upgrade', (request, socket: Socket) => {
      const key = createHash('sha1')
        .update(`${request.headers['sec-websocket-key']}${MAGIC}`)
        .digest('base64')
      const head = ['HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade']
      const answer = `${head.join('\r\n')}\r\nSec-WebSocket-Accept: ${key}\r\n\r\n`
      socket.write(Buffer.concat([Buffer.from(answer), pbx.withAnswer]))
      socket.on('error', () => {})
      // Clients send only pings.
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

  /** Sends one message; objects as JSON. */
  send(message: string | Buffer | object, opcode: number = Opcode.text): void {
    const plain = typeof message === 'string' || Buffer.isBuffer(message)
    this.#socket?.write(serverFrame(plain ? message : JSON.stringify(message), opcode))
  }

  /** Sends bytes that need not be a WebSocket frame. */
  sendRaw(bytes: Buffer): void {
    this.#socket?.write(bytes)
  }

  disconnect(): void {
    this.#socket?.destroy()
  }
}

/** One text message as an unmasked frame. */
export const textFrame = (text: string): Buffer => serverFrame(text, Opcode.text)

/** One unmasked frame, as a server sends it. */
export function serverFrame(message: string | Buffer, opcode: number): Buffer {
  const body = Buffer.from(message)
  const head = Buffer.alloc(10)
  head[0] = 0x80 | opcode
  head[1] = 127
  head.writeBigUInt64BE(BigInt(body.length), 2)
  const short = Buffer.from([0x80 | opcode, body.length])
  return Buffer.concat([body.length < 126 ? short : head, body])
}
