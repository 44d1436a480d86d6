import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { encodeG711 } from '../../../lab/audio/g711.js'
import { keepersOf } from '../../../lab/process/end-keeper.js'
import type { Service } from '../../../lab/process/service.js'
import { pollUntil } from '../../../lab/process/start-process.js'
import { epochMs } from '../../../lab/time.js'
import { type CallLab, openCallLab } from '../lab/call-lab.js'
import { NetworkProxy } from '../lab/network-proxy.js'
import { falseClock } from '../processes/false-clock.js'
import { type FuseFolder, mayMount, mountFuse } from '../processes/fuse.js'
import { lines } from './callers/lines.js'
import { numberedSpeech } from './callers/voice.js'
import { Readiness } from './readiness.js'

/** How long the agent speaks before beginning anew, packets: ten minutes, more than any call lasts. */
const AGENT_PACKETS = 30_000

/** The agent says numbered speech, so that its side of a recording can be read as the caller's can. */
const extensions = `
[numbered-agent]
exten => talk,1,Answer()
 same =>      n(again),Playback(\${GLOBAL(sounds)}/agent-numbered)
 same =>      n,Goto(again)
`

/** Where faults are struck: a lab whose network to the PBX and to the database can be spoilt. */
export interface FaultSite extends CallLab {
  /** Between service and keeper, and the PBX. */
  pbxNet: NetworkProxy
  /** Between the service and its database. */
  databaseNet: NetworkProxy
  /** Folders on file systems that can cease to answer; none where this user may mount nothing. */
  fuse: Partial<Record<FusePlace, FuseFolder>>
  /** When the service could not take or record calls, as it says itself. */
  readiness: Readiness
  /** The keepers at work. */
  keepers(): Promise<number[]>
  /** Only one fault at a time is struck at a target; others wait. Resolves with what lets go of it. */
  hold(target: string): Promise<() => void>
  /** Moves the service's wall clock, as libfaketime has it: `+1d`; it sees that within a second. */
  moveClock(by: string): Promise<void>
  /** Resolves once everything works. */
  waitUntilWorking(): Promise<void>
  stop(): Promise<void>
}

/** Folders that are on file systems of their own: containers and keys of one purpose, the log, the spool. */
export type FusePlace = 'store' | 'keys' | 'log' | 'spool'

/** Starts a lab to strike faults at. */
export async function openFaultSite(): Promise<FaultSite> {
  const site = await openCallLab({ lines, extensions, service: false })
  const { lab } = site
  const clock = await falseClock(join(lab.ready.data, 'lab', 'faketime'), 1)
  const sounds = join(lab.pbx.dir, 'sounds')
  await writeFile(
    join(sounds, 'agent-numbered.alaw'),
    encodeG711(numberedSpeech('agent', 0, 0, AGENT_PACKETS), 'alaw'),
  )
  const [pbxNet, databaseNet] = await Promise.all([
    NetworkProxy.start(lab.pbx.ari.url),
    NetworkProxy.start(lab.database.url),
  ])
  lab.service.overrides = {
    ...lab.service.overrides,
    ARI_URL: pbxNet.url,
    DATABASE_URL: databaseNet.url,
    ...clock.env,
  }
  const fuse: FaultSite['fuse'] = mayMount() ? await mountAll(lab.ready) : {}
  await sendCallersToAgent(lab.pbx, sounds)
  lab.service.start()
  await lab.service.waitUntilReady()
  const readiness = new Readiness(() => lab.service.isReady(), epochMs)
  return {
    ...site,
    pbxNet,
    databaseNet,
    fuse,
    readiness,
    keepers: () => keepersOf(lab.ready.tap),
    hold: createTargetLocks(),
    moveClock: clock.move,
    waitUntilWorking: () => waitForService(lab.service),
    async stop() {
      await readiness.stop()
      for (const folder of Object.values(fuse)) await folder.unmount()
      await site.stop()
      pbxNet.close()
      databaseNet.close()
    },
  }
}

async function mountAll({ data, keys }: CallLab['lab']['ready']): Promise<Record<FusePlace, FuseFolder>> {
  const mount = (folder: string, name: FusePlace) => mountFuse(folder, join(data, 'lab', 'fuse', name))
  return {
    store: await mount(join(data, 'store', 'service'), 'store'),
    keys: await mount(join(keys, 'service'), 'keys'),
    log: await mount(join(data, 'log'), 'log'),
    spool: await mount(join(data, 'spool'), 'spool'),
  }
}

/** Callers are sent to the agent who says numbered speech, by a PBX that is started anew as well. */
async function sendCallersToAgent(pbx: CallLab['lab']['pbx'], sounds: string): Promise<void> {
  const globals = { sounds, LAB_AGENT: 'Local/talk@numbered-agent' }
  const lines = Object.entries(globals).map(([name, value]) => `${name}=${value}\n`)
  const file = join(pbx.dir, 'etc', 'extensions.conf')
  await writeFile(file, (await readFile(file, 'utf8')).replace(/^LAB_AGENT=.*\n/m, lines.join('')))
  for (const [name, value] of Object.entries(globals)) await pbx.setGlobal(name, value)
}

/** Longer than any fault lasts, however slow the machine, ms. */
const WORKING_LIMIT_MS = 90_000
/** Of the service's log, where it does not: characters. */
const LOG_TAIL_CHARS = 2_000

async function waitForService(service: Service): Promise<void> {
  if (await pollUntil(() => service.isReady(), WORKING_LIMIT_MS)) return
  throw new Error(
    `it does not work again; the service's log ends:\n${(await service.log()).slice(-LOG_TAIL_CHARS)}`,
  )
}

function createTargetLocks(): FaultSite['hold'] {
  const last = new Map<string, Promise<void>>()
  return async target => {
    const before = last.get(target)
    let release = () => {}
    last.set(target, new Promise(resolve => (release = resolve)))
    await before
    return release
  }
}
