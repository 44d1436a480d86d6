// Fake: a service. The keeper and the socket between them are real.
import { randomUUID } from 'node:crypto'
import { connect, type Socket } from 'node:net'
import {
  type AriAccess,
  ackFrame,
  controlFrame,
  FrameReader,
  type FromKeeper,
  type FromService,
  type LegIndex,
  MAX_FROM_KEEPER,
  PROTOCOL_VERSION,
} from '../../../src/keeper/protocol.js'
import { until } from '../processes/database.js'
import { NO_ARI } from '../processes/keeper.js'

/** A fake service that speaks the keeper's protocol frame by frame. It acknowledges only when a test tells it to. */
export class FakeService {
  readonly messages: FromKeeper[] = []
  readonly audio: [Buffer[], Buffer[]] = [[], []]
  closed = false
  readonly #id = randomUUID()
  readonly #socket: Socket

  constructor(path: string, hello = true) {
    this.#socket = connect(path)
    const reader = new FrameReader<FromKeeper>(MAX_FROM_KEEPER)
    this.#socket.on('data', chunk => {
      for (const frame of reader.push(chunk)) {
        if (frame.kind === 'audio') this.audio[frame.leg].push(Buffer.from(frame.bytes))
        else if (frame.kind === 'control') this.messages.push(frame.control)
      }
    })
    this.#socket.on('error', () => {})
    this.#socket.on('close', () => {
      this.closed = true
    })
    if (hello) this.hello()
  }

  /** Greets the keeper. @param ari how the keeper reaches the PBX */
  hello(ari: AriAccess = NO_ARI): void {
    this.send({ t: 'hello', version: PROTOCOL_VERSION, ari, service: this.#id })
  }

  send(message: FromService): void {
    this.#socket.write(controlFrame(message))
  }

  sendRaw(bytes: Uint8Array): void {
    this.#socket.write(bytes)
  }

  ack(pair: number, leg: LegIndex, offset: number): void {
    this.#socket.write(ackFrame(pair, leg, offset))
  }

  /** Waits for the first message of this type for which `fits` is true. */
  async waitForMessage<T extends FromKeeper['t']>(
    type: T,
    fits: (message: Extract<FromKeeper, { t: T }>) => boolean = () => true,
  ): Promise<Extract<FromKeeper, { t: T }>> {
    const find = () =>
      this.messages.find(
        (message): message is Extract<FromKeeper, { t: T }> =>
          message.t === type && fits(message as Extract<FromKeeper, { t: T }>),
      )
    await until(() => find() !== undefined)
    return find()!
  }

  /** Requests a tap. @returns its number and the path prefix of its pipes */
  async openTap(tag = 'a call'): Promise<{ pair: number; prefix: string }> {
    this.send({ t: 'take', request: 1, tag })
    return await this.waitForMessage('taken')
  }

  bytes(leg: LegIndex): Buffer {
    return Buffer.concat(this.audio[leg])
  }

  /** Stops reading, like a process that stands still. */
  pause(): void {
    this.#socket.pause()
  }

  close(): void {
    this.#socket.destroy()
  }
}
