import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { constants, mkdtemp, open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import { removeProtected } from '../../../lab/process/remove-protected.js'
import type { KeeperAccess } from '../../../src/audio/tap/keeper-access.js'
import type { Limits } from '../../../src/keeper/limits.js'
import { type KeeperSettings, SUFFIXES } from '../../../src/keeper/protocol.js'

const entry = join(import.meta.dirname, '../../../src/keeper/main.js')

/** An address where nothing listens. */
export const NO_ARI = {
  url: 'http://127.0.0.1:1',
  username: 'consentry',
  password: 'secret',
  app: 'consentry',
  beat: { variable: 'CONSENTRY_SERVICE_consentry', id: 'own' },
}

/** @returns settings for a keeper in a temporary folder, which is removed when the test ends */
export async function keeperSettings(t: Test, limits: Partial<Limits> = {}): Promise<KeeperAccess> {
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

/** Starts a real keeper process. It ends with the test at the latest. @param env beside ours */
export async function startKeeper(
  t: Test,
  settings: KeeperSettings,
  env: Record<string, string> = {},
): Promise<KeeperProcess> {
  const child = spawn(process.execPath, [entry], {
    ...{ env: { ...process.env, ...env }, stdio: ['pipe', 'pipe', 'inherit'] },
  })
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

/** Opens both pipes of a pair for writing, as MixMonitor does. They are closed when the test ends at the latest. */
export async function openPipes(t: Pick<Test, 'teardown'>, prefix: string) {
  const pipes = await openPair(prefix)
  for (const pipe of pipes) t.teardown(() => pipe.close())
  return pipes
}

async function openPair(prefix: string) {
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
  const pipes = await openPair(prefix)
  for (const leg of [0, 1] as const) await pipes[leg].writeFile(spoken[leg])
  for (const pipe of pipes) await pipe.close()
  return spoken
}

/** A talk of some seconds: noise of both legs. */
export const talk = (): [Buffer, Buffer] => [randomBytes(100_000), randomBytes(90_001)]

/** Acts as Asterisk for a tapped call: writes both legs in blocks, then closes the pipes. The first leg is the longer one. */
export async function speak(prefix: string, spoken: readonly [Buffer, Buffer]): Promise<void> {
  const pipes = await openPair(prefix)
  for (let at = 0; at < spoken[0].length; at += BLOCK_BYTES)
    for (const leg of [0, 1] as const) await pipes[leg].writeFile(spoken[leg].subarray(at, at + BLOCK_BYTES))
  for (const pipe of pipes) await pipe.close()
}
