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

/** Length of the agent's numbered speech, packets: ten minutes, longer than any call. */
const AGENT_PACKETS = 30_000

/** An agent who says numbered speech, as the callers do, so that both legs of a recording can be read. */
const extensions = `
[numbered-agent]
exten => talk,1,Answer()
 same =>      n(again),Playback(\${GLOBAL(sounds)}/agent-numbered)
 same =>      n,Goto(again)
`

/** A lab for faults, with proxies to its PBX and its database. */
export interface FaultSite extends CallLab {
  /** Proxy from service and keeper to the PBX. */
  pbxNet: NetworkProxy
  /** Proxy from the service to its database. */
  databaseNet: NetworkProxy
  /** Folders on FUSE file systems; none if this user may not mount. */
  fuse: Partial<Record<FusePlace, FuseFolder>>
  /** When the service reported that it could not take or record calls. */
  readiness: Readiness
  /** @returns process ids of the running keepers */
  keepers(): Promise<number[]>
  /** Waits until no other fault strikes the target. @returns releases the target */
  hold(target: string): Promise<() => void>
  /** Moves the service's wall clock by an offset of libfaketime, such as `+1d`, within a second. */
  moveClock(by: string): Promise<void>
  /** Waits until the service is ready. */
  waitUntilWorking(): Promise<void>
  stop(): Promise<void>
}

/** Folders on their own file systems: containers and keys of one purpose, the log, the spool. */
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

/** Sends callers to the agent with numbered speech, also after a restart of the PBX. */
async function sendCallersToAgent(pbx: CallLab['lab']['pbx'], sounds: string): Promise<void> {
  const globals = { sounds, LAB_AGENT: 'Local/talk@numbered-agent' }
  const lines = Object.entries(globals).map(([name, value]) => `${name}=${value}\n`)
  const file = join(pbx.dir, 'etc', 'extensions.conf')
  await writeFile(file, (await readFile(file, 'utf8')).replace(/^LAB_AGENT=.*\n/m, lines.join('')))
  for (const [name, value] of Object.entries(globals)) await pbx.setGlobal(name, value)
}

/** Longest time until the service is ready, ms: longer than any fault, also on a slow machine. */
const WORKING_LIMIT_MS = 90_000
/** How much of the service's log an error shows, characters. */
const LOG_TAIL_CHARS = 2_000

async function waitForService(service: Service): Promise<void> {
  if (await pollUntil(() => service.isReady(), WORKING_LIMIT_MS)) return
  throw new Error(
    `the service did not become ready again; its log ends:\n${(await service.log()).slice(-LOG_TAIL_CHARS)}`,
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
