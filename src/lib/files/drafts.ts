import { rmSync } from 'node:fs'
import { readdir, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { processRuns } from '../process/process-runs.js'

/** Signals that end a process without a handler. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** Paths of the drafts that this process is writing. */
const drafts = new Set<string>()

/**
 * Names the draft of a file: a file beside it that gets the content until it is complete. The content may be confidential, so a
 * signal that ends this process removes the draft first. Drafts of killed processes are removed now. Call `endDraft` afterwards.
 *
 * @param target path of the file
 * @returns path of the draft, at which there is no file
 * @throws the system's error
 */
export async function beginDraft(target: string): Promise<string> {
  const draft = draftOf(target, process.pid)
  if (drafts.size === 0) for (const signal of SIGNALS) process.on(signal, endBySignal)
  drafts.add(draft)
  try {
    await removeAbandonedDrafts(target)
    await rm(draft, { force: true })
    return draft
  } catch (error) {
    endDraft(draft)
    throw error
  }
}

/** Ends the draft after it was renamed to its target or removed. */
export function endDraft(draft: string): void {
  drafts.delete(draft)
  if (drafts.size === 0) for (const signal of SIGNALS) process.off(signal, endBySignal)
}

function endBySignal(signal: NodeJS.Signals): void {
  for (const draft of drafts) {
    rmSync(draft, { force: true })
    endDraft(draft)
  }
  // No handler is left, so the signal now ends this process.
  process.kill(process.pid, signal)
}

async function removeAbandonedDrafts(target: string): Promise<void> {
  const folder = dirname(target)
  // If this process may write to the folder but not read it, it cannot find the drafts, and they stay.
  const names = await readdir(folder).catch(() => [])
  const abandoned = names.filter(name => {
    const pid = /\.(\d+)\.unfinished$/.exec(name)?.[1]
    return pid !== undefined && name === basename(draftOf(target, pid)) && !processRuns(Number(pid))
  })
  await Promise.all(abandoned.map(name => rm(join(folder, name), { force: true }).catch(() => undefined)))
}

const draftOf = (target: string, pid: number | string): string => `${target}.${pid}.unfinished`
