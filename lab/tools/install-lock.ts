import { readFile, rm, writeFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { processRuns } from '../../src/process/process-runs.js'

/** How often a waiting process looks again, ms: the other one needs ten seconds or more. */
const POLL_MS = 500

/**
 * Keeps two processes from downloading the same things at once. It only saves work: each unpacks into a folder of
 * its own and renames it, so that even two holders at once (both found a dead owner) do no harm.
 */
export async function withInstallLock<T>(
  path: string,
  waiting: () => void,
  work: () => Promise<T>,
): Promise<T> {
  for (let told = false; ; told = true) {
    const taken = await writeFile(path, String(process.pid), { flag: 'wx' }).then(
      () => true,
      () => false,
    )
    if (taken) break
    const owner = Number(await readFile(path, 'utf8').catch(() => ''))
    // An empty file is an owner that has not written its number yet.
    if (owner > 0 && !processRuns(owner)) await rm(path, { force: true })
    else {
      if (!told) waiting()
      await sleep(POLL_MS)
    }
  }
  try {
    return await work()
  } finally {
    await rm(path, { force: true })
  }
}
