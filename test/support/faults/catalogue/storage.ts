import { chmod, cp, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { AGENT_LIMIT_MS } from '../../lab/fault-lab.js'
import type { FaultSite } from '../fault-site.js'
import type { Fault } from './fault.js'

type Folder = (site: FaultSite) => string
const store: Folder = ({ lab }) => join(lab.ready.data, 'store')
const keys: Folder = ({ lab }) => lab.ready.keys
const tap: Folder = ({ lab }) => lab.ready.tap

/** The folder is missing, like a volume that is not mounted. Files made in its place are merged later, as an operator would. */
const removeFolder =
  (folder: Folder, giveBack = mergeBack) =>
  (site: FaultSite) =>
    moveAside(site, folder(site), giveBack)

/** A file is in the place of the folder, so that nobody can make anything there. */
const blockFolder = (folder: Folder) => async (site: FaultSite) => {
  const heal = await moveAside(site, folder(site), discard)
  await writeFile(folder(site), 'no folder')
  return heal
}

async function moveAside(
  site: FaultSite,
  path: string,
  giveBack: (made: string, path: string) => Promise<void>,
) {
  await rename(path, `${path}.aside`)
  return async () => {
    const made = `${path}.made`
    await rename(path, made).catch(() => {})
    await rename(`${path}.aside`, path)
    await giveBack(made, path)
    await site.waitUntilWorking()
  }
}

/** Copies files back, without replacing any. */
async function mergeBack(made: string, path: string): Promise<void> {
  await cp(made, path, { recursive: true, force: false }).catch(() => {})
  await discard(made)
}

const discard = (made: string) => rm(made, { recursive: true, force: true })

/** Closes the tap folder to PBX and keeper. */
async function closeTap(site: FaultSite) {
  const path = tap(site)
  await chmod(path, 0)
  return async () => {
    await chmod(path, 0o500)
    await site.waitUntilWorking()
  }
}

/** Faults of folders. No recording can begin, and running recordings may end early. */
export const storageFaults: Fault[] = (
  [
    { name: 'store blocked', target: 'store', weight: 3, strike: blockFolder(store) },
    { name: 'store gone', target: 'store', weight: 2, strike: removeFolder(store) },
    { name: 'key store blocked', target: 'keys', weight: 3, strike: blockFolder(keys) },
    { name: 'key store gone', target: 'keys', weight: 2, strike: removeFolder(keys) },
    { name: 'tap folder gone', target: 'tap', weight: 2, strike: removeFolder(tap, discard) },
    { name: 'tap folder closed', target: 'tap', weight: 2, strike: closeTap },
  ] as const
).map(fault => ({ ...fault, lasts: [300, 4_000], cuts: true, silentMs: AGENT_LIMIT_MS }))
