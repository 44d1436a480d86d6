import { readFile, rm, writeFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { processRuns } from '../../src/lib/process/process-runs.js'

/** Interval at which a waiting process tries again, ms. The other one needs ten seconds or more. */
const POLL_MS = 500

/**
 * Runs `work` under a lock file, so that two processes do not download the same files. It only saves work: each process
 * unpacks into its own folder and renames it, so two holders at once (both found a dead owner) do no harm.
 *
 * @param waiting called once if another process has the lock
 */
export async function withInstallLock<T>(
  path: string,
  waiting: () => void,
  work: () => Promise<T>,
): Promise<T> {
  for (let announced = false; ; announced = true) {
    const taken = await writeFile(path, String(process.pid), { flag: 'wx' }).then(
      () => true,
      () => false,
    )
    if (taken) break
    const owner = Number(await readFile(path, 'utf8').catch(() => ''))
    // The owner of an empty file has not written its process id yet.
    if (owner > 0 && !processRuns(owner)) await rm(path, { force: true })
    else {
      if (!announced) waiting()
      await sleep(POLL_MS)
    }
  }
  try {
    return await work()
  } finally {
    await rm(path, { force: true })
  }
}
