import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

/**
 * What a file may take, s. Alone it takes a minute at most. On a busy machine a test file of low priority gets a tenth of the
 * processors, so the limit is fifteen times that.
 */
const LIMIT = 900
/** After its limit a file that can still speak says where it hangs and ends itself within ten seconds; then it is ended, s. */
const LAST_WORDS = 15
/** How long to wait for the rest of what was said, ms, since a process that a file left behind may hold its pipes open. */
const REST_MS = 2_000

/** Where files keep what need not be on a disk. */
const MEMORY = '/dev/shm'

/**
 * Where the kernel shares the processors among sessions first (sched(7), "autogroup"), a process stands back only within its
 * own, and the session itself must be told.
 */
function standBack(leader, niceness) {
  try {
    writeFileSync(`/proc/${leader}/autogroup`, String(niceness))
  } catch {
    // This kernel does not, or the file has ended already.
  }
}

/** Files that run; each leads a process group. */
const leaders = new Set()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.once(signal, () => {
    for (const leader of leaders) endGroup(leader)
    process.kill(process.pid, signal)
  })
}

/** The files that run need not stand back any more, where sessions can. */
export function comeForward() {
  for (const leader of leaders) standBack(leader, 0)
}

/**
 * Runs a test file as a process of its own, and ends whatever it leaves behind.
 *
 * @param {string} file
 * @param {{cwd: string, env?: object, niceness?: number, limit?: number, lastWords?: number, nodeOptions?: string[], parameters?: string[]}} options
 * @returns {Promise<{file: string, seconds: number, ended: string, tap: string, said: string}>} how it ended: '' if in
 *   good order; its TAP; what it said on standard error
 */
export async function runFile(
  file,
  {
    cwd,
    env = process.env,
    niceness = 0,
    limit = LIMIT,
    lastWords = LAST_WORDS,
    nodeOptions = [],
    parameters = [],
  },
) {
  const began = performance.now()
  const command = [process.execPath, ...nodeOptions, file, ...parameters]
  const child = spawn('nice', ['-n', String(niceness), ...command], {
    cwd,
    env: { ...env, TAP_TIMEOUT: String(limit) },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  leaders.add(child.pid)
  if (niceness > 0) standBack(child.pid, niceness)
  const result = { file, ended: '', tap: '', said: '' }
  child.stdout.setEncoding('utf8').on('data', piece => (result.tap += piece))
  child.stderr.setEncoding('utf8').on('data', piece => (result.said += piece))
  const closed = once(child, 'close')
  const overdue = setTimeout(
    () => {
      result.ended = `it did not end within ${limit} s`
      endGroup(child.pid)
    },
    (limit + lastWords) * 1_000,
  )
  const [code, signal] = await once(child, 'exit')
  clearTimeout(overdue)
  endGroup(child.pid)
  removeMemory(child.pid)
  leaders.delete(child.pid)
  await Promise.race([closed, pause(REST_MS, undefined, { ref: false })])
  if (code !== 0) result.ended ||= signal ? `it was ended by ${signal}` : `it exited with ${code}`
  return { ...result, seconds: (performance.now() - began) / 1_000 }
}

/** Removes folders in memory that a killed file left. */
function removeMemory(leader) {
  for (const path of leftInMemory(leader)) rmSync(path, { recursive: true, force: true })
}

/**
 * Finds folders in memory that a file left: see test/support/processes/memory-folder.ts. Those of another user are left alone, who may have had
 * the same process id before.
 *
 * @param {number} leader process id of the file
 * @param {number} user id of the user whose folders count
 */
export function leftInMemory(leader, user = process.getuid()) {
  if (!existsSync(MEMORY)) return []
  return readdirSync(MEMORY)
    .filter(name => name.startsWith(`consentry-test-${leader}-`))
    .map(name => join(MEMORY, name))
    .filter(path => statSync(path, { throwIfNoEntry: false })?.uid === user)
}

function endGroup(leader) {
  try {
    process.kill(-leader, 'SIGKILL')
  } catch {
    // None of its processes is left.
  }
}
