import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { constants, mkdtemp, open } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import { removeProtected } from '../../../lab/process/remove-protected.js'
import type { Limits } from '../../../src/keeper/limits.js'
import {
  ackFrame,
  controlFrame,
  FrameReader,
  type FromKeeper,
  type FromService,
  type KeeperSettings,
  type LegIndex,
  MAX_FROM_KEEPER,
  PROTOCOL_VERSION,
  SUFFIXES,
} from '../../../src/keeper/protocol.js'
import { until } from './database.js'

const entry = join(import.meta.dirname, '../../../src/keeper/main.js')

/** An address where nothing listens. */
const NO_ARI = { url: 'http://127.0.0.1:1', username: 'consentry', password: 'secret', app: 'consentry' }

/** @returns settings for a keeper in a temporary folder, which is removed when the test ends */
export async function keeperSettings(t: Test, limits: Partial<Limits> = {}): Promise<KeeperSettings> {
  // The path of `t.testdir` may be too long for a socket.
  const dir = await mkdtemp(join(tmpdir(), 'consentry-keeper-'))
  t.teardown(() => removeProtected(dir))
  return { tapDir: join(dir, 'tap'), socket: join(dir, 'run', 'keeper.sock'), ari: NO_ARI, limits }
}

export interface KeeperProcess {
  pid: number
  /** What it printed at its start. */
  outcome: { ok?: boolean; running?: boolean; error?: string }
  /** Resolves with its exit code once it has ended. */
  ended: Promise<number | null>
  kill(): Promise<void>
}

/** Starts a real keeper process. It ends with the test at the latest. */
export async function startKeeper(t: Test, settings: KeeperSettings): Promise<KeeperProcess> {
  const child = spawn(process.execPath, [entry], { stdio: ['pipe', 'pipe', 'inherit'] })
  const ended = new Promise<number | null>(resolve => child.once('exit', resolve))
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL')
    await ended
  }
  t.teardown(kill)
  child.stdin.end(JSON.stringify(settings))
  let line = ''
  for await (const piece of child.stdout) {
    line += piece
    if (line.includes('\n')) break
  }
  return { pid: child.pid!, outcome: JSON.parse(line), ended, kill }
}

/** A service as the keeper sees one, down to the frames; it acknowledges nothing by itself. */
export class FakeService {
  readonly messages: FromKeeper[] = []
  readonly audio: [Buffer[], Buffer[]] = [[], []]
  closed = false
  readonly #socket: Socket

  constructor(path: string, hello = true) {
    this.#socket = connect(path)
    const reader = new FrameReader<FromKeeper>(MAX_FROM_KEEPER)
    this.#socket.on('data', chunk => {
      for (const frame of reader.push(chunk)) {
        if (frame.kind === 'audio') this.audio[frame.leg].push(frame.bytes)
        else if (frame.kind === 'control') this.messages.push(frame.control)
      }
    })
    this.#socket.on('error', () => {})
    this.#socket.on('close', () => {
      this.closed = true
    })
    if (hello) this.send({ t: 'hello', version: PROTOCOL_VERSION, ari: NO_ARI })
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

  /** Waits for a message of this type; the first one that fits. */
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

  async openTap(tag = 'a call'): Promise<{ pair: number; prefix: string }> {
    this.send({ t: 'take', request: 1, tag })
    return await this.waitForMessage('taken')
  }

  bytes(leg: LegIndex): Buffer {
    return Buffer.concat(this.audio[leg])
  }

  /** From now on it reads nothing, as if it stood still. */
  pause(): void {
    this.#socket.pause()
  }

  close(): void {
    this.#socket.destroy()
  }
}

/** Opens both pipes of a pair for writing, as MixMonitor does. */
export async function openPipes(prefix: string) {
  const [rx, tx] = await Promise.all(
    SUFFIXES.map(suffix => open(prefix + suffix, constants.O_WRONLY).then(assertPipe)),
  )
  return [rx!, tx!] as const
}

async function assertPipe<F extends { stat(): Promise<{ isFIFO(): boolean }> }>(file: F): Promise<F> {
  if (!(await file.stat()).isFIFO()) throw new Error('not a pipe')
  return file
}

/** Bytes that Asterisk writes at once. */
export const BLOCK_BYTES = 32_768

/** Acts as Asterisk: writes one block to each pipe of a tap, and closes them. @returns the blocks */
export async function writeOneBlock(prefix: string): Promise<[Buffer, Buffer]> {
  const spoken: [Buffer, Buffer] = [randomBytes(BLOCK_BYTES), randomBytes(BLOCK_BYTES)]
  const pipes = await openPipes(prefix)
  for (const leg of [0, 1] as const) await pipes[leg].writeFile(spoken[leg])
  for (const pipe of pipes) await pipe.close()
  return spoken
}
