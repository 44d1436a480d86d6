import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import type { Test } from 'tap'
import { LOOPBACK } from '../../../lab/ports.js'
import { Opcode, textFrame } from '../fakes/fake-pbx.js'

/** End of the HTTP head that answers a WebSocket's request. */
const HEAD_END = '\r\n\r\n'

/** A proxy between service and PBX that inserts events, and repeats some of the PBX's. */
export class InjectingProxy {
  #near: Socket | undefined
  /** Every n-th event of the PBX is sent twice; none if 0. */
  repeatEvery = 0
  repeated = 0

  private constructor(readonly url: string) {}

  /** @param pbx `http://host:port` */
  static async start(t: Test, pbx: string): Promise<InjectingProxy> {
    const server = createServer({ pauseOnConnect: true })
    server.listen(0, LOOPBACK)
    await once(server, 'listening')
    const proxy = new InjectingProxy(`http://${LOOPBACK}:${(server.address() as AddressInfo).port}`)
    const target = Number(new URL(pbx).port)
    const sockets = new Set<Socket>()
    server.on('connection', near => {
      const far = connect(target, LOOPBACK)
      for (const [side, other] of [
        [near, far],
        [far, near],
      ] as const) {
        sockets.add(side)
        side.on('error', () => {})
        side.on('close', () => other.destroy())
      }
      near.once('data', first => {
        far.write(first)
        near.pipe(far)
        if (first.toString('latin1').startsWith('GET /ari/events')) proxy.#forward(far, near)
        else far.pipe(near)
      })
      near.resume()
    })
    t.teardown(() => {
      for (const socket of sockets) socket.destroy()
      server.close()
    })
    return proxy
  }

  /** Inserts a text message between two of the PBX. */
  inject(text: string): void {
    this.#near?.write(textFrame(text))
  }

  /** Forwards complete frames only, so that others can be inserted between them. */
  #forward(far: Socket, near: Socket): void {
    let rest: Buffer = Buffer.alloc(0)
    let events = 0
    far.on('data', chunk => {
      rest = Buffer.concat([rest, chunk])
      if (this.#near !== near) {
        const end = rest.indexOf(HEAD_END)
        if (end < 0) return
        near.write(rest.subarray(0, end + HEAD_END.length))
        rest = rest.subarray(end + HEAD_END.length)
        this.#near = near
      }
      for (
        let length = frameLength(rest);
        length !== undefined && rest.length >= length;
        length = frameLength(rest)
      ) {
        const frame = rest.subarray(0, length)
        rest = rest.subarray(length)
        near.write(frame)
        if ((frame[0]! & 0x0f) !== Opcode.text || this.repeatEvery === 0 || ++events % this.repeatEvery > 0)
          continue
        near.write(frame)
        this.repeated += 1
      }
    })
  }
}

/** @returns length of the first frame, which is unmasked; undefined if its head is not complete */
function frameLength(bytes: Buffer): number | undefined {
  if (bytes.length < 10) return bytes.length >= 2 && bytes[1]! < 126 ? 2 + bytes[1]! : undefined
  if (bytes[1] === 126) return 4 + bytes.readUInt16BE(2)
  return bytes[1] === 127 ? 10 + Number(bytes.readBigUInt64BE(2)) : 2 + bytes[1]!
}
