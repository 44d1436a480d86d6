import { type Frame, type FromKeeper, type KeeperSettings, PROTOCOL_VERSION } from '../keeper/protocol.js'
import { backgroundTimers } from '../shared/clock.js'
import { waitAtMost } from '../shared/deadline.js'
import { AppError } from '../shared/errors.js'
import { KeeperLink } from './keeper-link.js'
import { spawnKeeper } from './keeper-process.js'
import { awaitExit, endKeepersOf } from './keepers-of.js'

/** Longest time until a keeper has listed the pairs that it holds, ms. It usually takes 1 ms. */
const HELLO_TIMEOUT = 3_000
/** Longest time until a keeper has ended after the message `stop`, ms. */
const STOP_TIMEOUT = 2_000

type Hello = Extract<FromKeeper, { t: 'hello' }>
export type HeldPair = Extract<FromKeeper, { t: 'held' }>

/** A keeper that accepted this service. */
export interface AttachedKeeper {
  link: KeeperLink
  /** Every keeper process has an id of its own. */
  keeperId: string
  pid: number
  /** The pairs in use. */
  held: HeldPair[]
}

/** Events of the connection after the keeper was attached. */
export interface AttachedEvents {
  frame(frame: Frame<FromKeeper>): void
  closed(): void
}

/**
 * Finds the keeper or starts one, and greets it. A keeper of another protocol version or tap folder cannot be used: it is
 * stopped, loses the audio that it holds, and is replaced by a new one.
 *
 * @throws AppError `tap.unavailable`
 */
export async function attachKeeper(
  settings: KeeperSettings,
  events: AttachedEvents,
): Promise<AttachedKeeper> {
  const first = await greet(settings, events)
  if (isCompatible(first.hello, settings)) return first.attached
  first.attached.link.send({ t: 'stop' })
  await first.attached.link.close()
  await awaitExit([first.hello.pid], STOP_TIMEOUT)
  const second = await greet(settings, events)
  if (isCompatible(second.hello, settings)) return second.attached
  throw new AppError(
    'tap.unavailable',
    'a keeper of another version or tap folder does not stop; end its process',
  )
}

const isCompatible = (hello: Hello, settings: KeeperSettings): boolean =>
  hello.version === PROTOCOL_VERSION && hello.tapDir === settings.tapDir

async function greet(
  settings: KeeperSettings,
  events: AttachedEvents,
): Promise<{ hello: Hello; attached: AttachedKeeper }> {
  const held: HeldPair[] = []
  let hello: Hello | undefined
  let ready = false
  let resolveGreeting: (ok: boolean) => void = () => {}
  const greeting = new Promise<boolean>(resolve => {
    resolveGreeting = resolve
  })
  const link = await findOrStart(settings, {
    frame(frame) {
      if (hello && !isCompatible(hello, settings)) return // This keeper will be replaced.
      if (ready) events.frame(frame)
      else if (frame.kind !== 'control') resolveGreeting(false)
      else if (frame.control.t === 'held') held.push(frame.control)
      else if (frame.control.t === 'held-all') {
        ready = true
        resolveGreeting(true)
      } else if (frame.control.t === 'hello') {
        hello = frame.control
        // A keeper of another version sends no more messages.
        if (!isCompatible(hello, settings)) resolveGreeting(true)
      }
    },
    closed() {
      resolveGreeting(false)
      if (ready) events.closed()
    },
  })
  link.send({ t: 'hello', version: PROTOCOL_VERSION, ari: settings.ari })
  const ok = (await waitAtMost(backgroundTimers, HELLO_TIMEOUT, greeting)) && (await greeting)
  if (ok && hello) return { hello, attached: { link, keeperId: hello.keeper, pid: hello.pid, held } }
  link.destroy()
  throw new AppError('tap.unavailable', 'the keeper does not answer', { retryable: true })
}

async function findOrStart(settings: KeeperSettings, events: AttachedEvents): Promise<KeeperLink> {
  try {
    return await KeeperLink.open(settings.socket, events)
  } catch {
    // A keeper of another data folder may still read these pipes. It serves nobody: this service holds the tap folder's lock.
    await endKeepersOf(settings.tapDir)
    await spawnKeeper(settings)
    return await KeeperLink.open(settings.socket, events)
  }
}
