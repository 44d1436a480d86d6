import { backgroundTimers, systemClock } from '../../core/clock.js'
import { AppError } from '../../core/errors.js'
import { type Frame, type FromKeeper, PROTOCOL_VERSION } from '../../keeper/protocol.js'
import { waitAtMost } from '../../lib/deadline.js'
import type { Fault } from '../../lib/faults.js'
import { sleep } from '../../lib/retry.js'
import type { KeeperAccess, KnownAccess } from './keeper-access.js'
import { KeeperLink } from './keeper-link.js'
import { spawnKeeper } from './keeper-process.js'
import { awaitExit, endKeepersOf, killKeeperAt } from './keepers-of.js'

/** Longest time until a keeper has listed the pairs that it holds, ms. It usually takes 1 ms. */
const HELLO_TIMEOUT = 3_000
/** Longest time until a keeper has ended after the message `stop`, ms. */
const STOP_TIMEOUT = 2_000
/**
 * How long a unit may take to start its keeper, ms. It usually takes 200 ms, on a machine that is just starting
 * seconds.
 */
const UNIT_TIMEOUT = 15_000
/** Time between two attempts to reach a keeper, ms. */
const MEET_INTERVAL = 50
/** Number of unanswered greetings after which a keeper counts as hung. A single one may be a delay of this process. */
const SILENT_GREETINGS = 2

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

/** Events of the connection. `closed` is called only after `attachKeeper` has returned. */
export interface AttachedEvents {
  frame(frame: Frame<FromKeeper>): void
  closed(why?: Fault): void
}

/**
 * Finds the keeper or starts one, and greets it. A keeper of another protocol version or tap folder cannot be used: it
 * is stopped, loses the audio that it holds, and is replaced by a new one. If the keeper has a unit, the unit starts
 * the new one. A keeper that hangs is killed, because Asterisk would hang when it writes to the keeper's pipes.
 *
 * @param signal ends the wait for a keeper
 * @throws AppError `tap.unavailable`
 */
export async function attachKeeper(
  settings: KnownAccess,
  events: AttachedEvents,
  signal?: AbortSignal,
): Promise<AttachedKeeper> {
  const first = await meet(settings, events, signal)
  if (isCompatible(first.hello, settings)) return await alone(first, settings)
  if (settings.hasUnit && first.hello.tapDir !== settings.tapDir) {
    first.attached.link.destroy()
    throw otherFolder(settings, first.hello.tapDir)
  }
  first.attached.link.send({ t: 'stop' })
  await first.attached.link.close()
  await awaitExit([first.hello.pid], STOP_TIMEOUT)
  const second = await meet(settings, events, signal)
  if (isCompatible(second.hello, settings)) return await alone(second, settings)
  throw new AppError(
    'tap.unavailable',
    'a keeper of another version or tap folder does not stop; end its process',
  )
}

/** If this keeper were stopped, its unit would start one that reads the same folder again. */
const otherFolder = ({ socket, tapDir }: KeeperAccess, read: string): AppError =>
  new AppError(
    'tap.unavailable',
    `the keeper at ${socket} reads ${read}, and CONSENTRY_TAP_DIR is ${tapDir}: give the keeper's unit and the service the same folder`,
  )

/** Ends keepers that an earlier service started itself, before the keeper had a unit. */
async function alone({ hello, handOver }: Greeted, settings: KeeperAccess): Promise<AttachedKeeper> {
  if (settings.hasUnit) await endKeepersOf(settings.tapDir, hello.pid)
  return handOver()
}

const isCompatible = (hello: Hello, settings: KeeperAccess): boolean =>
  hello.version === PROTOCOL_VERSION && hello.tapDir === settings.tapDir

/** Greets the keeper until it answers. A keeper with a unit may be about to start. A keeper that hangs is killed. */
async function meet(settings: KnownAccess, events: AttachedEvents, signal?: AbortSignal): Promise<Greeted> {
  const { socket, hasUnit = false, unitTimeoutMs = UNIT_TIMEOUT } = settings
  let until = performance.now() + unitTimeoutMs
  for (let silences = 0; ; await sleep(systemClock, MEET_INTERVAL, signal)) {
    try {
      const greeted = await greet(settings, events)
      if (greeted) return greeted
      silences += 1
      if (silences > SILENT_GREETINGS || signal?.aborted) throw silent(settings)
      if (silences < SILENT_GREETINGS) continue
      if (await killKeeperAt(socket)) until = performance.now() + unitTimeoutMs
    } catch (error) {
      if (!hasUnit || signal?.aborted || performance.now() >= until) throw error
    }
  }
}

interface Greeted {
  hello: Hello
  attached: AttachedKeeper
  /** Reports the end of the connection from now on. @throws AppError `tap.unavailable` if it has ended already */
  handOver(): AttachedKeeper
}

/**
 * @returns undefined if the keeper accepted the connection and did not answer
 * @throws AppError `tap.unavailable`
 */
async function greet(settings: KnownAccess, events: AttachedEvents): Promise<Greeted | undefined> {
  const held: HeldPair[] = []
  let hello: Hello | undefined
  let ready = false
  let isHandedOver = false
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
      else if (frame.control.t === 'replaced') events.frame(frame)
      else if (frame.control.t === 'held-all') {
        ready = true
        resolveGreeting(true)
      } else if (frame.control.t === 'hello') {
        hello = frame.control
        // A keeper of another version sends no more messages.
        if (!isCompatible(hello, settings)) resolveGreeting(true)
      }
    },
    closed(why) {
      resolveGreeting(false)
      if (isHandedOver) events.closed(why)
    },
  })
  link.send({ t: 'hello', version: PROTOCOL_VERSION, ari: settings.ari, service: settings.service })
  const inTime = await waitAtMost(backgroundTimers, HELLO_TIMEOUT, greeting)
  if (inTime && (await greeting) && hello) {
    const { keeper: keeperId, pid } = hello
    const attached = { link, keeperId, pid, held }
    const handOver = () => {
      if (link.isClosed) throw hungUp()
      isHandedOver = true
      return attached
    }
    return { hello, attached, handOver }
  }
  link.destroy()
  if (inTime) throw hungUp()
  return undefined
}

const hungUp = (): AppError => new AppError('tap.unavailable', 'the keeper hangs up', { retryable: true })

async function findOrStart(settings: KeeperAccess, events: AttachedEvents): Promise<KeeperLink> {
  try {
    return await KeeperLink.open(settings.socket, events)
  } catch (cause) {
    if (settings.hasUnit) throw noKeeper(settings, (cause as Error).message, cause)
    // A keeper of another data folder may still read these pipes. No service uses it: this one holds the tap folder's
    // lock.
    await endKeepersOf(settings.tapDir)
    await spawnKeeper(settings)
    return await KeeperLink.open(settings.socket, events)
  }
}

const silent = ({ socket }: KeeperAccess): AppError =>
  new AppError('tap.unavailable', `the keeper at ${socket} does not answer: end its process`, {
    retryable: true,
  })

const noKeeper = ({ socket }: KeeperAccess, why: string, cause?: unknown): AppError =>
  new AppError(
    'tap.unavailable',
    `no keeper answers at CONSENTRY_KEEPER_SOCKET ${socket} (${why}): start consentry-keeper.service`,
    { retryable: true, cause },
  )
