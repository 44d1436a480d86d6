import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { type FileHandle, open, readdir, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import type { Lab } from '../../../lab/lab.js'
import { keepersOf } from '../../../lab/process/end-keeper.js'
import { prepareTools } from '../../../lab/tools/prepare-tools.js'
import { MARK_FILE } from '../../../src/vault/volume.js'
import { childrenOf } from './children.js'

const run = promisify(execFile)

/** Ends a hang. The operations continue. */
export type Release = () => Promise<void>

/** System calls on files. */
const HUNG_CALLS = [
  ...[
    'openat',
    'statx',
    'newfstatat',
    'statfs',
    'access',
    'faccessat',
    'faccessat2',
    'readlink',
    'getdents64',
  ],
  ...['fsync', 'fdatasync', 'mkdir', 'rename', 'renameat', 'link', 'unlink', 'unlinkat', 'rmdir', 'chmod'],
].map(name => `?${name}`)

/** Delay of each system call: longer than any test. */
const DELAY = '3600s'

/**
 * Makes every operation on the files of a place hang, as on a disk that does not answer. strace delays the real system calls of
 * the service, of its prober and, for `data`, of its keeper.
 */
export async function hangFiles(lab: Lab, place: HungPlace): Promise<Release> {
  const { service, ready } = lab
  const paths = await pathsOf(lab, place)
  const { pid } = service
  if (pid === undefined) return async () => {}
  const keepers = await keepersOf(ready.tap)
  const others = (await childrenOf(pid)).filter(child => !keepers.includes(child))
  // Tracing slows a process down, and Asterisk does not wait for a slow keeper.
  return hangCalls([pid, ...others, ...(place === 'data' ? keepers : [])], paths)
}

/** Makes every operation of some processes on some files hang, by the same way. */
export async function hangCalls(pids: readonly number[], paths: readonly string[]): Promise<Release> {
  const { strace } = await prepareTools(['strace'])
  const calls = HUNG_CALLS.join(',')
  const child = spawn(
    join(strace, 'bin', 'strace'),
    [
      ...['-f', '-e', `trace=${calls}`, '-e', `inject=${calls}:delay_enter=${DELAY}`, '-o', '/dev/null'],
      ...paths.flatMap(path => ['-P', path]),
      ...pids.flatMap(one => ['-p', String(one)]),
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  )
  const ended = once(child, 'exit')
  let attached = 0
  const said: string[] = []
  await new Promise<void>((resolve, reject) => {
    createInterface({ input: child.stderr }).on('line', line => {
      said.push(line)
      // strace cannot attach to a process that has ended, and may not attach to one that is ending.
      const [, refused] = /PTRACE_SEIZE, (\d+)\): Operation not permitted/.exec(line) ?? []
      const done = /Process \d+ attached|No such process/.test(line) || (refused && isEnding(refused))
      if (done && ++attached === pids.length) resolve()
    })
    // What it said may be read after its exit, but not after this.
    child.once('close', (code, signal) =>
      reject(new Error(`strace ended (${signal ?? code}): ${said.slice(-5).join('; ')}`)),
    )
  })
  return async () => {
    child.kill('SIGTERM')
    await ended
  }
}

/** Whether a process was killed or has ended, although some of it may still wait for a file system. See proc_pid_stat(5). */
function isEnding(pid: string): boolean {
  try {
    const [, state] = /\) (\w) /.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? []
    return state === 'Z' || state === 'X'
  } catch {
    return true
  }
}

/** Makes every reader of a folder's mark hang. */
export const hangMark = (folder: string): Promise<Release> => hangFile(join(folder, MARK_FILE))

/** Puts a pipe without a writer in place of a file, so that every reader hangs. */
export async function hangFile(path: string): Promise<Release> {
  await rename(path, `${path}.aside`)
  await run('mkfifo', ['-m', '600', path])
  return async () => {
    // The hanging readers get a writer, and read nothing.
    const writer: FileHandle = await open(path, 'r+')
    await rename(`${path}.aside`, path)
    await writer.close()
  }
}

/**
 * Another fault may make a file system below the folder hang. The recursive `readdir` of Node would then block the main thread (Node 20),
 * and the fault would never be healed.
 *
 * @returns a folder and everything below it
 */
export async function listBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
  const below = entries.map(entry => {
    const path = join(folder, entry.name)
    return entry.isDirectory() ? listBelow(path) : [path]
  })
  return [folder, ...(await Promise.all(below)).flat()]
}

export type HungPlace = 'store' | 'keys' | 'prompts' | 'data' | 'spool'

/** @returns the paths of a place on which the service works */
async function pathsOf({ ready, service }: Lab, place: HungPlace): Promise<string[]> {
  const { data, keys } = ready
  if (place === 'store') return [join(data, 'store', MARK_FILE), ...(await listBelow(join(data, 'store')))]
  if (place === 'keys') return [join(keys, MARK_FILE), ...(await listBelow(keys))]
  if (place === 'prompts') return listBelow(service.env['CONSENTRY_PROMPTS'] ?? join(data, 'prompts'))
  const spool = join(data, 'spool')
  if (place === 'spool') return [spool, join(spool, 'events'), join(spool, 'key')]
  const anchor = join(data, 'run', 'clock.json')
  const log = await listBelow(join(data, 'log'))
  return [data, anchor, `${anchor}.new`, ...(await listBelow(join(data, 'run'))), ...log]
}
