import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'
import type { CallId } from '../../../src/core/ids.js'
import type { Grant } from '../../../src/core/ports.js'
import { until } from './database.js'
import type { ChildSettings } from './recorder-child.js'
import { killKeeper, type RecorderSetup } from './recorder-setup.js'

const child = join(import.meta.dirname, 'recorder-child.js')

/** The recorder of one call in its own process, which a test can kill and start again. */
export interface KillableRecorder {
  /** Path prefix of the tap's pipes. */
  readonly prefix: string
  /** Starts it, and waits until it records or has recovered the recording. */
  start(): Promise<void>
  /** `kill -9`. Resolves when it has ended. */
  kill(): Promise<void>
  /** Reports that the channel is gone. Resolves when the recordings have ended. */
  end(): Promise<void>
}

/** Starts one. It and its keeper end with the test. */
export async function startKillableRecorder(
  t: Test,
  setup: Omit<RecorderSetup, 'recorder'>,
  { call, grants }: { call: CallId; grants: Grant[] },
): Promise<KillableRecorder> {
  const folder = join(setup.dir, 'child')
  mkdirSync(folder)
  const { keeper } = setup.deps
  const settings: ChildSettings = {
    keeper,
    database: setup.database,
    recipients: setup.recipients,
    call,
    grants,
  }
  const settingsFile = join(folder, 'orders')
  writeFileSync(settingsFile, JSON.stringify(settings))
  let running: ChildProcess | undefined
  const start = async (): Promise<void> => {
    rmSync(join(folder, 'ready'), { force: true })
    running = spawn(process.execPath, [child, settingsFile, folder], { stdio: 'inherit' })
    await until(() => existsSync(join(folder, 'ready')))
  }
  t.teardown(async () => {
    running?.kill('SIGKILL')
    await killKeeper(Number(readFileSync(join(folder, 'keeper'), 'utf8')))
  })
  await start()
  return {
    prefix: readFileSync(join(folder, 'prefix'), 'utf8'),
    start,
    async kill() {
      const ended = new Promise(resolve => running?.once('exit', resolve))
      running?.kill('SIGKILL')
      await ended
    },
    async end() {
      running?.kill('SIGUSR2')
      await until(() => existsSync(join(folder, 'finished')))
    },
  }
}
