import type { Limits } from './limits.js'

/**
 * What the keeper and the service say to each other over their Unix socket.
 *
 * A frame is a 32-bit little-endian length of what follows, one byte of kind, and a body. Audio and its
 * acknowledgements are binary, because they make up nearly all of the traffic; everything else is JSON.
 */

/** Of the frames below; a keeper and a service of different versions do not work together. */
export const PROTOCOL_VERSION = 1

export const FrameKind = { control: 1, audio: 2, ack: 3 } as const

/** Index of a pipe in its pair: 0 is what the caller says (`rx`), 1 what the caller hears (`tx`). */
export type LegIndex = 0 | 1
export const LEGS = [0, 1] as const

/** Endings of a pair's two paths, which also tell Asterisk the codec. */
export const SUFFIXES = ['.rx.alaw', '.tx.alaw'] as const

/** Bytes. A service sends small frames only: longer ones are an error or an attack. */
export const MAX_FROM_SERVICE = 64 * 1024
/** Bytes. A read of a pipe gives at most 64 KB; the rest is room for the frame's head. */
export const MAX_FROM_KEEPER = 128 * 1024

/** How to reach Asterisk's REST interface, to send callers back to the dialplan. */
export interface AriAccess {
  url: string
  username: string
  password: string
  app: string
  /** The service's beat. Undefined if a service of an earlier version does not send one. */
  beat?: Heartbeat
}

/** How a service shows the keepers of other services that it hears the application. */
export interface Heartbeat {
  /** Global variable of the PBX. Its value is the id of the live service, a blank, and a count that grows each second. */
  variable: string
  /** Id of the service's data folder, which its predecessor had too: the predecessor's last beat proves nothing either. */
  id: string
}

/** What the service tells a keeper that it starts, as one JSON document on standard input: it holds a password. */
export interface KeeperSettings {
  /** Folder of the pipes, absolute. */
  tapDir: string
  /** Path of the Unix socket, absolute, in a folder of our own of mode 0700. */
  socket: string
  ari: AriAccess
  limits?: Partial<Limits>
}

/** What the keeper still holds of one leg, as byte offsets from the start of its pipe. */
export interface HeldLeg {
  /** Everything before it is safe with a service. */
  acked: number
  /** Everything before it was read. */
  end: number
  /** The pipe's writer has closed it: nothing will follow. */
  closed: boolean
}

export interface Rescued {
  channel: string
  /** ms since the epoch. */
  at: number
  reason: RescueReason
}
export type RescueReason = 'service-frozen' | 'service-gone'

export type FromKeeper =
  | { t: 'hello'; version: number; keeper: string; pid: number; tapDir: string }
  | { t: 'held'; pair: number; prefix: string; tag: string; gone: boolean; legs: [HeldLeg, HeldLeg] }
  | { t: 'held-all' }
  | { t: 'taken'; request: number; pair: number; prefix: string }
  | { t: 'refused'; request: number; reason: string }
  | { t: 'gap'; pair: number; leg: LegIndex; from: number; to: number }
  | { t: 'eof'; pair: number; leg: LegIndex; total: number }
  /** `held`: bytes in memory, of all pairs. A keeper of an earlier build does not say. */
  | { t: 'ping'; held?: number }
  /** Half of what it may hold of a leg is reached; said each second, as long as that lasts. */
  | { t: 'filling'; pair: number; bytes: number }
  | { t: 'rescued'; upTo: number; channels: Rescued[] }
  | { t: 'replaced' }
  | { t: 'note'; text: string }

export type FromService =
  | { t: 'hello'; version: number; ari: AriAccess }
  | { t: 'take'; request: number; tag: string }
  /** `acked`: what is safe of each leg before `base`, where what follows begins; all of it, if it is not said. */
  | { t: 'reopen'; request: number; prefix: string; tag: string; base: number; acked?: [number, number] }
  | { t: 'want'; pair: number; from: [number, number] }
  | { t: 'gone'; pair: number }
  | { t: 'pong' }
  | { t: 'rescued-noted'; upTo: number }
  | { t: 'stop' }

export type Frame<Control> =
  | { kind: 'control'; control: Control }
  | { kind: 'audio'; pair: number; leg: LegIndex; offset: number; arrivedAt: number; bytes: Buffer }
  | { kind: 'ack'; pair: number; leg: LegIndex; offset: number }

const HEAD = 5
const AUDIO_HEAD = HEAD + 4 + 1 + 8 + 8
const ACK_LENGTH = HEAD + 4 + 1 + 8

export function controlFrame(control: FromKeeper | FromService): Buffer {
  const body = Buffer.from(JSON.stringify(control))
  const frame = Buffer.allocUnsafe(HEAD + body.length)
  writeHead(frame, FrameKind.control, body.length)
  body.copy(frame, HEAD)
  return frame
}

/** The head of an audio frame; the audio itself is written after it as it is, uncopied. */
export function audioHead(
  pair: number,
  leg: LegIndex,
  offset: number,
  arrivedAt: number,
  length: number,
): Buffer {
  const head = Buffer.allocUnsafe(AUDIO_HEAD)
  writeHead(head, FrameKind.audio, AUDIO_HEAD - HEAD + length)
  head.writeUInt32LE(pair, HEAD)
  head.writeUInt8(leg, HEAD + 4)
  head.writeDoubleLE(offset, HEAD + 5)
  head.writeDoubleLE(arrivedAt, HEAD + 13)
  return head
}

/** Everything of this leg before `offset` is safe and may be forgotten. */
export function ackFrame(pair: number, leg: LegIndex, offset: number): Buffer {
  const frame = Buffer.allocUnsafe(ACK_LENGTH)
  writeHead(frame, FrameKind.ack, ACK_LENGTH - HEAD)
  frame.writeUInt32LE(pair, HEAD)
  frame.writeUInt8(leg, HEAD + 4)
  frame.writeDoubleLE(offset, HEAD + 5)
  return frame
}

function writeHead(frame: Buffer, kind: number, bodyLength: number): void {
  frame.writeUInt32LE(bodyLength + 1, 0)
  frame.writeUInt8(kind, 4)
}

/** A frame that breaks the rules above; the connection is of no more use. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError'
}

/**
 * Cuts a byte stream into frames.
 *
 * @param maxLength longest frame accepted, in bytes after the length field
 */
export class FrameReader<Control extends { t: string }> {
  readonly #maxLength: number
  #rest: Buffer = Buffer.alloc(0)
  #waiting: Buffer[] = []
  #waitingLength = 0
  #needed = 4

  constructor(maxLength: number) {
    this.#maxLength = maxLength
  }

  /**
   * The frames that `chunk` completes. Audio is a view of the chunk where it lies in one piece.
   * @throws ProtocolError
   */
  *push(chunk: Buffer): Generator<Frame<Control>> {
    this.#waiting.push(chunk)
    this.#waitingLength += chunk.length
    if (this.#waitingLength < this.#needed) return
    this.#rest = this.#waiting.length === 1 ? chunk : Buffer.concat(this.#waiting)
    this.#waiting = []
    let at = 0
    while (true) {
      this.#needed = 4
      if (this.#rest.length - at < 4) break
      const length = this.#rest.readUInt32LE(at)
      if (length < 1 || length > this.#maxLength) throw new ProtocolError(`frame of ${length} bytes`)
      this.#needed = 4 + length
      if (this.#rest.length - at < this.#needed) break
      yield parseFrame<Control>(this.#rest.subarray(at + 4, at + 4 + length))
      at += 4 + length
    }
    const rest = this.#rest.subarray(at)
    this.#rest = Buffer.alloc(0)
    this.#waiting = rest.length > 0 ? [rest] : []
    this.#waitingLength = rest.length
  }
}

function parseFrame<Control extends { t: string }>(frame: Buffer): Frame<Control> {
  const body = frame.subarray(1)
  switch (frame[0]) {
    case FrameKind.control:
      return { kind: 'control', control: parseControl<Control>(body) }
    case FrameKind.audio: {
      if (body.length < AUDIO_HEAD - HEAD) throw new ProtocolError('audio frame cut short')
      const arrivedAt = body.readDoubleLE(13)
      if (!(arrivedAt >= 0 && arrivedAt <= Number.MAX_SAFE_INTEGER))
        throw new ProtocolError('audio of no time')
      return {
        kind: 'audio',
        ...readPosition(body),
        arrivedAt,
        bytes: body.subarray(AUDIO_HEAD - HEAD),
      }
    }
    case FrameKind.ack:
      if (body.length !== ACK_LENGTH - HEAD) throw new ProtocolError('acknowledgement of a wrong length')
      return { kind: 'ack', ...readPosition(body) }
    default:
      throw new ProtocolError(`unknown frame kind ${frame[0]}`)
  }
}

function readPosition(body: Buffer): { pair: number; leg: LegIndex; offset: number } {
  const leg = body.readUInt8(4)
  const offset = body.readDoubleLE(5)
  if (leg > 1) throw new ProtocolError(`no leg ${leg}`)
  if (!Number.isSafeInteger(offset) || offset < 0) throw new ProtocolError('offset is no byte count')
  return { pair: body.readUInt32LE(0), leg: leg as LegIndex, offset }
}

function parseControl<Control extends { t: string }>(body: Buffer): Control {
  try {
    const value: unknown = JSON.parse(body.toString())
    if (typeof value === 'object' && value !== null && 't' in value && typeof value.t === 'string') {
      return value as Control
    }
  } catch {
    // Told apart from other faults by the error below.
  }
  throw new ProtocolError('control frame is no JSON message')
}
