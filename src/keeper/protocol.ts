import type { Limits } from './limits.js'

/**
 * The protocol between keeper and service on their Unix socket.
 *
 * A frame is a 32-bit little-endian length of the rest, one byte for the kind, and a body. Audio and acknowledgements
 * are binary, because they are nearly all of the traffic. All other messages are JSON.
 */

/** Version of the frames below. A keeper and a service of different versions do not work together. */
export const PROTOCOL_VERSION = 1

export const FrameKind = { control: 1, audio: 2, ack: 3 } as const

/** Index of a leg in its pair: 0 is the caller (`rx`), 1 the agent (`tx`). */
export type LegIndex = 0 | 1
export const LEGS = [0, 1] as const

/** Suffixes of the two paths of a pair. Asterisk derives the codec from them. */
export const SUFFIXES = ['.rx.alaw', '.tx.alaw'] as const

/** Longest frame from a service, bytes. A service sends only small frames, so a longer one is an error or an attack. */
export const MAX_FROM_SERVICE = 64 * 1024
/** Longest frame from a keeper, bytes. One read of a pipe gives at most 64 KB, and the frame's head needs little. */
export const MAX_FROM_KEEPER = 128 * 1024

/** How the keeper reaches Asterisk's REST interface to return callers to the dialplan. */
export interface AriAccess {
  url: string
  username: string
  password: string
  app: string
  /** The service's heartbeat. */
  beat: Heartbeat
}

/**
 * A global variable by which a service shows the keepers of other services that it receives the application's events.
 */
export interface Heartbeat {
  /** Name of the global variable. Its value is the id of the service, a blank, and a count that grows each second. */
  variable: string
  /** Id of the service's data folder. All services of one data folder have the same id. */
  id: string
}

/** Settings of a keeper, on its standard input because they may contain a password. A service or a unit gives them. */
export interface KeeperSettings {
  /** Folder of the pipes, absolute. */
  tapDir: string
  /** Absolute path of the Unix socket. Its folder belongs to the user of the service and has mode 0700. */
  socket: string
  /**
   * If it is missing, the first service that greets the keeper sends it. Until then the keeper rescues no caller, and
   * none waits.
   */
  ari?: AriAccess
  limits?: Partial<Limits>
}

/**
 * The file beside a keeper's socket that contains its process id. A service that gets no answer kills the keeper by
 * this id.
 */
export const pidFile = (socket: string): string => `${socket}.pid`

/** The state of one leg, as byte offsets from the start of its pipe. */
export interface HeldLeg {
  /** All bytes before this offset are acknowledged. */
  acked: number
  /** All bytes before this offset have been read. */
  end: number
  /** Whether the writer has closed the pipe, so that no more bytes follow. */
  closed: boolean
}

/** A channel that the keeper has returned to the dialplan. */
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
  /** `held`: bytes in memory for all pairs. */
  | { t: 'ping'; held: number }
  /** A leg holds more than half of its limit. Sent at each tick while that lasts. */
  | { t: 'filling'; pair: number; bytes: number }
  | { t: 'rescued'; upTo: number; channels: Rescued[] }
  /** Another service has replaced this one. Sent to the replaced service, and again whenever it greets the keeper. */
  | { t: 'replaced' }
  | { t: 'note'; text: string }

export type FromService =
  /** `service`: id of the service while it runs. */
  | { t: 'hello'; version: number; ari: AriAccess; service: string }
  | { t: 'take'; request: number; tag: string }
  /** `base`: offset of the first byte that will be read. `acked`: acknowledged bytes of each leg, `base` if missing. */
  | { t: 'reopen'; request: number; prefix: string; tag: string; base: number; acked?: [number, number] }
  /** Asterisk has closed a pair and will open it again. `taken` or `refused` follows. */
  | { t: 'again'; request: number; pair: number }
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

/** Encodes a JSON message. */
export function controlFrame(control: FromKeeper | FromService): Buffer {
  const body = Buffer.from(JSON.stringify(control))
  const frame = Buffer.allocUnsafe(HEAD + body.length)
  writeHead(frame, FrameKind.control, body.length)
  body.copy(frame, HEAD)
  return frame
}

/**
 * Encodes the head of an audio frame. The caller writes the audio after it, without copying it.
 *
 * @param offset offset of the first byte from the start of the pipe
 * @param arrivedAt ms since the epoch
 * @param length bytes of audio
 */
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

/** Encodes an acknowledgement of all bytes of a leg before `offset`. */
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

/** A peer has broken the protocol. The connection cannot be used any more. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError'
}

/** Length in bytes of the field that has the length of the rest of a frame. */
const LENGTH_BYTES = 4

/**
 * Splits a byte stream into frames. A frame within one chunk is not copied. Other frames are joined in one buffer,
 * which is reused, because a new buffer for each block of audio would keep the garbage collector busy.
 *
 * @param maxLength longest frame accepted, in bytes after the length field
 */
export class FrameReader<Control extends { t: string }> {
  readonly #maxLength: number
  /** Has the first `#begunBytes` bytes of a frame whose rest has not come. */
  #begun: Buffer = Buffer.alloc(0)
  #begunBytes = 0

  constructor(maxLength: number) {
    this.#maxLength = maxLength
  }

  /**
   * Yields the frames that `chunk` completes. The audio of a frame is valid until the next frame is asked for. The
   * caller may overwrite `chunk` after the last frame.
   *
   * @throws ProtocolError
   */
  *push(chunk: Buffer): Generator<Frame<Control>> {
    let at = 0
    if (this.#begunBytes > 0) {
      at = this.#copy(chunk, at, LENGTH_BYTES)
      if (this.#begunBytes < LENGTH_BYTES) return
      const end = this.#endOfFrame(this.#begun, 0)
      at = this.#copy(chunk, at, end)
      if (this.#begunBytes < end) return
      this.#begunBytes = 0
      yield parseFrame<Control>(this.#begun.subarray(LENGTH_BYTES, end))
    }
    while (chunk.length - at >= LENGTH_BYTES) {
      const end = this.#endOfFrame(chunk, at)
      if (chunk.length < end) break
      yield parseFrame<Control>(chunk.subarray(at + LENGTH_BYTES, end))
      at = end
    }
    this.#copy(chunk, at, chunk.length - at)
  }

  /** @returns the offset of the first byte after the frame that begins at `at` */
  #endOfFrame(bytes: Buffer, at: number): number {
    const length = bytes.readUInt32LE(at)
    if (length < 1 || length > this.#maxLength) throw new ProtocolError(`frame of ${length} bytes`)
    return at + LENGTH_BYTES + length
  }

  /**
   * Copies bytes of the chunk until `#begun` has `wanted` bytes or the chunk ends.
   *
   * @returns the offset of the first byte that was not copied
   */
  #copy(chunk: Buffer, at: number, wanted: number): number {
    const end = Math.min(chunk.length, at + Math.max(0, wanted - this.#begunBytes))
    const bytes = this.#begunBytes + end - at
    if (bytes > this.#begun.length) {
      const larger = Buffer.allocUnsafe(Math.max(bytes, 2 * this.#begun.length))
      this.#begun.copy(larger, 0, 0, this.#begunBytes)
      this.#begun = larger
    }
    chunk.copy(this.#begun, this.#begunBytes, at, end)
    this.#begunBytes = bytes
    return end
  }
}

function parseFrame<Control extends { t: string }>(frame: Buffer): Frame<Control> {
  const body = frame.subarray(1)
  switch (frame[0]) {
    case FrameKind.control:
      return { kind: 'control', control: parseControl<Control>(body) }
    case FrameKind.audio: {
      if (body.length < AUDIO_HEAD - HEAD) throw new ProtocolError('an audio frame is too short')
      const arrivedAt = body.readDoubleLE(13)
      if (!(arrivedAt >= 0 && arrivedAt <= Number.MAX_SAFE_INTEGER))
        throw new ProtocolError('an audio frame has no valid time')
      return {
        kind: 'audio',
        ...readPosition(body),
        arrivedAt,
        bytes: body.subarray(AUDIO_HEAD - HEAD),
      }
    }
    case FrameKind.ack:
      if (body.length !== ACK_LENGTH - HEAD) throw new ProtocolError('an acknowledgement has a wrong length')
      return { kind: 'ack', ...readPosition(body) }
    default:
      throw new ProtocolError(`unknown frame kind ${frame[0]}`)
  }
}

function readPosition(body: Buffer): { pair: number; leg: LegIndex; offset: number } {
  const leg = body.readUInt8(4)
  const offset = body.readDoubleLE(5)
  if (leg > 1) throw new ProtocolError(`there is no leg ${leg}`)
  if (!Number.isSafeInteger(offset) || offset < 0) throw new ProtocolError('an offset is not a byte count')
  return { pair: body.readUInt32LE(0), leg: leg as LegIndex, offset }
}

function parseControl<Control extends { t: string }>(body: Buffer): Control {
  try {
    const value: unknown = JSON.parse(body.toString())
    if (typeof value === 'object' && value !== null && 't' in value && typeof value.t === 'string') {
      return value as Control
    }
  } catch {
    // The error below reports it.
  }
  throw new ProtocolError('a control frame is not a JSON message')
}
