import { join } from 'node:path'
import { AGENT_LIMIT_MS } from '../../lab/fault-lab.js'
import { mayMount } from '../../processes/fuse.js'
import { type HungPlace, hangFiles, hangMark } from '../../processes/hung-files.js'
import type { FusePlace, Ground } from '../fault-site.js'
import type { Fault, Heal } from './fault.js'

/** Operations on the files of a place hang, and go on when it is healed. */
const hung =
  (place: HungPlace) =>
  async ({ lab, works }: Ground): Promise<Heal> => {
    const release = await hangFiles(lab, place)
    return async () => {
      await release()
      await works()
    }
  }

/** The spool is used only while the database is away. */
const withoutDatabase =
  (strike: (ground: Ground) => Promise<Heal>) =>
  async (ground: Ground): Promise<Heal> => {
    const letGo = await ground.hold('database')
    const heal = await strike(ground)
    ground.databaseNet.cut('everything')
    return async () => {
      ground.databaseNet.restore()
      letGo()
      await heal()
    }
  }

/** Whoever looks for the place's mark hangs at a pipe. */
const piped =
  (folder: (ground: Ground) => string) =>
  async (ground: Ground): Promise<Heal> => {
    const release = await hangMark(folder(ground))
    return async () => {
      await release()
      await ground.works()
    }
  }

/** The process that serves the file system stands still. */
const frozen =
  (place: FusePlace) =>
  async ({ fuse, works }: Ground): Promise<Heal> => {
    fuse[place]?.freeze()
    return async () => {
      fuse[place]?.thaw()
      await works()
    }
  }

/** Struck where this user may mount file systems. */
const frozenFaults = [
  { name: 'file system of containers hangs', target: 'store', strike: frozen('store') },
  { name: 'file system of keys hangs', target: 'keys', strike: frozen('keys') },
  { name: 'file system of the log hangs', target: 'log', strike: frozen('log') },
  { name: 'file system of the spool hangs', target: 'spool', strike: withoutDatabase(frozen('spool')) },
] as const

/** One process holds up files at a time: what is traced cannot be traced twice. */
const TRACED = 'traced files'

/** What befalls disks that neither do nor refuse what they are asked for. */
export const hungFaults: Fault[] = (
  [
    { name: 'store hangs', target: TRACED, strike: hung('store') },
    { name: 'key store hangs', target: TRACED, strike: hung('keys') },
    { name: 'prompts hang', target: TRACED, strike: hung('prompts') },
    { name: 'data folder hangs', target: TRACED, strike: hung('data') },
    { name: 'spool hangs without the database', target: TRACED, strike: withoutDatabase(hung('spool')) },
    {
      name: 'store hangs at a pipe',
      target: 'store',
      strike: piped(({ lab }) => join(lab.ready.data, 'store')),
    },
    { name: 'key store hangs at a pipe', target: 'keys', strike: piped(({ lab }) => lab.ready.keys) },
    ...(mayMount() ? frozenFaults : []),
  ] as const
).map(fault => ({ ...fault, weight: 2, lasts: [1_000, 9_000], cuts: true, silentMs: AGENT_LIMIT_MS }))
