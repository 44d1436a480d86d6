import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Bytes that the load wrote, and its syncs. */
export interface DiskLoad {
  bytes: number
  syncs: number
}

/** The load ends by itself after so many bytes. The fastest disk seen takes half of it in a minute. Its files take 1 GB. */
const MAX_BYTES = 200 * 2 ** 30

/**
 * Starts a process that keeps the file system of `dir` busy with sequential and random synced writes.
 *
 * @param maxMs ends it by itself
 * @returns stops it, removes its files, and returns what it wrote
 */
export async function keepDiskBusy(dir: string, maxMs: number): Promise<() => Promise<DiskLoad>> {
  const place = await mkdtemp(join(dir, 'busy-'))
  const script = fileURLToPath(new URL('./disk-load-child.js', import.meta.url))
  const child = spawn(process.execPath, [script, place, String(maxMs), String(MAX_BYTES)], {
    env: { ...process.env, UV_THREADPOOL_SIZE: '16' },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  let said = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })
  const ended = once(child, 'close')
  return async () => {
    child.stdin.end()
    await ended
    await rm(place, { recursive: true, force: true })
    return JSON.parse(said) as DiskLoad
  }
}
