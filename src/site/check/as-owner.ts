import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import type { FoundSettings } from '../../config/settings-file.js'
import { AppError } from '../../core/errors.js'
import { findAccount } from '../../lib/host/accounts.js'
import { THIS_HOST } from '../../lib/host/processes.js'
import { childEnv } from '../../lib/process/child-env.js'
import { FACTS, type FactRow } from '../facts/facts.js'
import { openSite } from '../facts/site.js'
import { CHECK_NAMES, type CheckName, type CheckResult, type Outcome } from './check.js'
import { checkSite } from './check-site.js'

/** True for a check that root makes. All others run as the service's user. */
const isByRoot = (name: CheckName): boolean => {
  const { from }: FactRow = FACTS[name]
  return from.includes('closed-files')
}

/** Longest time for all checks, ms. Each has a limit of its own. */
const LIMIT_MS = 600_000

/** A user and its group, by their ids. */
interface Ids {
  uid: number
  gid: number
}

/**
 * Runs checks as the user of the service, who owns the data folder. Root may use every folder, and would find no fault.
 * If this process is root, it reads only the files that are closed to that user, and a process of that user makes the
 * other checks.
 *
 * @param wanted names of the checks; all by default
 * @param onResult called with each result, in the order of the checks
 * @throws AppError `tool.failed` if the other process fails
 */
export async function checkAsOwner(
  found: FoundSettings,
  wanted: readonly CheckName[] = CHECK_NAMES,
  onResult: (result: CheckResult) => void = () => {},
): Promise<CheckResult[]> {
  const owner = process.geteuid?.() === 0 ? ownerOf(found) : undefined
  if (owner === undefined) return checkHere(found, wanted, onResult)
  const here = wanted.filter(isByRoot)
  const there = wanted.filter(name => !isByRoot(name))
  const results = [
    ...(there.length > 0 ? await checkThere(found, there, owner) : []),
    ...(here.length > 0 ? await checkHere(found, here) : []),
  ].sort((a, b) => CHECK_NAMES.indexOf(a.name) - CHECK_NAMES.indexOf(b.name))
  for (const result of results) onResult(result)
  return results
}

async function checkHere(
  { settings, file }: FoundSettings,
  wanted: readonly CheckName[],
  onResult?: (result: CheckResult) => void,
): Promise<CheckResult[]> {
  const site = openSite({ host: THIS_HOST, settings, settingsFile: file })
  try {
    return await checkSite(site, wanted, onResult)
  } finally {
    await site.close()
  }
}

/** The owner of the data folder. Undefined if the folder belongs to root or does not exist yet. */
function ownerOf({ settings }: FoundSettings): Ids | undefined {
  const folder = statSync(resolve(settings['CONSENTRY_DATA'] || './var'), { throwIfNoEntry: false })
  if (!folder || folder.uid === 0) return undefined
  return { uid: folder.uid, gid: findAccount(THIS_HOST, folder.uid)?.gid ?? folder.gid }
}

async function checkThere(
  { settings }: FoundSettings,
  wanted: readonly CheckName[],
  { uid, gid }: Ids,
): Promise<CheckResult[]> {
  const cli = fileURLToPath(new URL('../../cli.js', import.meta.url))
  const only = wanted.flatMap(name => ['--only', name])
  const given = Object.fromEntries(
    Object.entries(settings).filter(
      (one): one is [string, string] => isSetting(one[0]) && one[1] !== undefined,
    ),
  )
  const args = [cli, 'check', '--json', ...only]
  const child = spawn(process.execPath, args, {
    ...{ uid, gid, cwd: '/', env: childEnv(given), timeout: LIMIT_MS },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')])
  try {
    return (JSON.parse(out) as { checks: (Omit<CheckResult, 'outcome'> & Outcome)[] }).checks.map(
      ({ name, title, ...outcome }) => ({ name, title, outcome: outcome as Outcome }),
    )
  } catch {
    throw new AppError('tool.failed', `The checks as the user of the service ended early: ${err.trim()}`)
  }
}

const isSetting = (name: string): boolean => /^(?:CONSENTRY|DATABASE|ARI|PG)/.test(name)
