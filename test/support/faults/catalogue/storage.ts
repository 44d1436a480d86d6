import { chmod, cp, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { FaultSite } from '../fault-site.js'
import type { Fault } from './fault.js'

type Folder = (site: FaultSite) => string
const store: Folder = ({ lab }) => join(lab.ready.data, 'store')
const keys: Folder = ({ lab }) => lab.ready.keys
const tap: Folder = ({ lab }) => lab.ready.tap

/** The folder is gone, as when a volume is not mounted. What somebody makes in its place is brought over, as an operator would. */
const removeFolder =
  (folder: Folder, giveBack = mergeBack) =>
  (site: FaultSite) =>
    moveAside(site, folder(site), giveBack)

/** Where the folder was stands a file: nothing can be made there, by nobody. */
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

/** What is there already stays as it is. */
async function mergeBack(made: string, path: string): Promise<void> {
  await cp(made, path, { recursive: true, force: false }).catch(() => {})
  await discard(made)
}

const discard = (made: string) => rm(made, { recursive: true, force: true })

/** Nobody gets into the folder, neither the PBX nor the keeper. */
async function closeTap(site: FaultSite) {
  const path = tap(site)
  await chmod(path, 0)
  return async () => {
    await chmod(path, 0o500)
    await site.waitUntilWorking()
  }
}

/** What befalls the folders. Nothing is recorded then, and what was being recorded may be cut. */
export const storageFaults: Fault[] = (
  [
    { name: 'store blocked', target: 'store', weight: 3, strike: blockFolder(store) },
    { name: 'store gone', target: 'store', weight: 2, strike: removeFolder(store) },
    { name: 'key store blocked', target: 'keys', weight: 3, strike: blockFolder(keys) },
    { name: 'key store gone', target: 'keys', weight: 2, strike: removeFolder(keys) },
    { name: 'tap folder gone', target: 'tap', weight: 2, strike: removeFolder(tap, discard) },
    { name: 'tap folder closed', target: 'tap', weight: 2, strike: closeTap },
  ] as const
).map(fault => ({ ...fault, lasts: [300, 4_000], cuts: true }))
