import { join } from 'node:path'
import { AGENT_LIMIT_MS } from '../../lab/fault-lab.js'
import { mayMount } from '../../processes/fuse.js'
import { type HungPlace, hangFiles, hangMark } from '../../processes/hung-files.js'
import type { FaultSite, FusePlace } from '../fault-site.js'
import type { Fault, Heal } from './fault.js'

/** Operations on the files of a place hang until the fault is healed. */
const hangFilesOf =
  (place: HungPlace) =>
  async ({ lab, waitUntilWorking }: FaultSite): Promise<Heal> => {
    const release = await hangFiles(lab, place)
    return async () => {
      await release()
      await waitUntilWorking()
    }
  }

/** Cuts off the database as well, because the spool is used only then. */
const withoutDatabase =
  (strike: (site: FaultSite) => Promise<Heal>) =>
  async (site: FaultSite): Promise<Heal> => {
    const letGo = await site.hold('database')
    const heal = await strike(site)
    site.databaseNet.cut('everything')
    return async () => {
      site.databaseNet.restore()
      letGo()
      await heal()
    }
  }

/** Readers of a folder's mark hang. */
const hangMarkOf =
  (folder: (site: FaultSite) => string) =>
  async (site: FaultSite): Promise<Heal> => {
    const release = await hangMark(folder(site))
    return async () => {
      await release()
      await site.waitUntilWorking()
    }
  }

/** The process that serves a FUSE file system stands still. */
const freezeFileSystem =
  (place: FusePlace) =>
  async ({ fuse, waitUntilWorking }: FaultSite): Promise<Heal> => {
    fuse[place]?.freeze()
    return async () => {
      fuse[place]?.thaw()
      await waitUntilWorking()
    }
  }

/** Faults for users who may mount file systems. */
const frozenFaults = [
  { name: 'file system of containers hangs', target: 'store', strike: freezeFileSystem('store') },
  { name: 'file system of keys hangs', target: 'keys', strike: freezeFileSystem('keys') },
  { name: 'file system of the log hangs', target: 'log', strike: freezeFileSystem('log') },
  {
    name: 'file system of the spool hangs',
    target: 'spool',
    strike: withoutDatabase(freezeFileSystem('spool')),
  },
] as const

/** Target of all faults that use strace: a process cannot be traced twice. */
const TRACED = 'traced files'

/** Disks that do not answer. */
export const hungFaults: Fault[] = (
  [
    { name: 'store hangs', target: TRACED, strike: hangFilesOf('store') },
    { name: 'key store hangs', target: TRACED, strike: hangFilesOf('keys') },
    { name: 'prompts hang', target: TRACED, strike: hangFilesOf('prompts') },
    { name: 'data folder hangs', target: TRACED, strike: hangFilesOf('data') },
    {
      name: 'spool hangs without the database',
      target: TRACED,
      strike: withoutDatabase(hangFilesOf('spool')),
    },
    {
      name: 'store hangs at a pipe',
      target: 'store',
      strike: hangMarkOf(({ lab }) => join(lab.ready.data, 'store')),
    },
    { name: 'key store hangs at a pipe', target: 'keys', strike: hangMarkOf(({ lab }) => lab.ready.keys) },
    ...(mayMount() ? frozenFaults : []),
  ] as const
).map(fault => ({ ...fault, weight: 2, lasts: [1_000, 9_000], cuts: true, silentMs: AGENT_LIMIT_MS }))
