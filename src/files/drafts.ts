import { rmSync } from 'node:fs'
import { readdir, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { processRuns } from '../process/process-runs.js'

/** What ends a process that does not expect it. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** Drafts of this process that are being written. */
const drafts = new Set<string>()

/**
 * Names the file in which another one is written until it is whole. What is in it may be for nobody but who asked, so a signal
 * that ends this process takes it away first; and what killed processes left beside it goes now.
 *
 * @returns its path, at which nothing is
 * @throws what the operating system throws
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

/** It is whole and has its name, or is gone. */
export function endDraft(draft: string): void {
  drafts.delete(draft)
  if (drafts.size === 0) for (const signal of SIGNALS) process.off(signal, endBySignal)
}

function endBySignal(signal: NodeJS.Signals): void {
  for (const draft of drafts) {
    rmSync(draft, { force: true })
    endDraft(draft)
  }
  // Nobody of ours hears it now: it ends us as if we had never listened.
  process.kill(process.pid, signal)
}

async function removeAbandonedDrafts(target: string): Promise<void> {
  const folder = dirname(target)
  // In a folder that we may write to but not read, drafts cannot be found and stay.
  const names = await readdir(folder).catch(() => [])
  const abandoned = names.filter(name => {
    const pid = /\.(\d+)\.unfinished$/.exec(name)?.[1]
    return pid !== undefined && name === basename(draftOf(target, pid)) && !processRuns(Number(pid))
  })
  await Promise.all(abandoned.map(name => rm(join(folder, name), { force: true }).catch(() => undefined)))
}

const draftOf = (target: string, pid: number | string): string => `${target}.${pid}.unfinished`
