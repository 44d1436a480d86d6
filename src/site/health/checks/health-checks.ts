import { lstat } from 'node:fs/promises'
import type { AlarmKind, Trouble } from '../../../core/alarms.js'
import { backgroundTimers, type Clock } from '../../../core/clock.js'
import type { Load, RecordingSigns } from '../../../core/ports.js'
import type { SteadyClock } from '../../../lib/clock/steady-clock.js'
import { waitAtMost } from '../../../lib/deadline.js'
import { watchWork } from '../../../lib/work.js'
import { clockInDoubt, eventsRefused } from '../../facts/database.js'
import { messageOf } from '../../facts/fact.js'
import { lowDisks } from '../../facts/keys.js'
import { missingFolder, NO_KEEPER } from '../../facts/machine.js'
import { pipesNotFound } from '../../facts/pbx.js'
import type { Check } from '../alarms.js'
import type { Found, HeardBy, MonitoredParts } from '../monitored-parts.js'
import type { UnwritableStorage } from '../unwritable-storage.js'
import type { CallsTaken } from './calls-taken.js'
import type { ShortRecordings } from './short-recordings.js'

/** How long a part must be away to raise an alarm, ms. A shorter absence is a restart. */
const AWAY_MS = 2_000

const LOAD_DETAILS: Record<Load, string> = {
  'too-many-recordings':
    'the limit of calls that are recorded or being asked is reached: new calls pass unasked',
  overloaded: 'more callers come than the machine can serve now: new calls pass unasked',
  'file-limit': 'the limit of open files is nearly reached: new calls pass unasked',
}

interface ChecksDeps {
  clock: SteadyClock
  parts: MonitoredParts
  /** Gets the result of each probe. */
  unwritable: UnwritableStorage
  callsTaken: Pick<CallsTaken, 'troubles'>
  shortRecordings: Pick<ShortRecordings, 'troubles'>
  tapDir: string
  silentLegMs: number
  /** True if this process is late: audio then waits for it and not for a disk. */
  isLate(): boolean
  loads(): { load: Load; why?: string }[]
}

/** All checks that run while the service runs. */
export function healthChecks(deps: ChecksDeps): Check[] {
  const { clock, parts, unwritable, callsTaken, shortRecordings, tapDir, silentLegMs, isLate, loads } = deps
  const { serviceLock, store, keyStore, prompts, recorder, journal, calls, telephony } = parts
  const storage = new Probes(
    parts.purposes.flatMap(purpose => [
      {
        alarm: 'store-unwritable' as const,
        attempt: (underWay: (ms: number) => void) => store.checkWritable(purpose, underWay),
        onResult: (works: boolean) => unwritable.noteAttempt('store-unwritable', purpose, works),
      },
      {
        alarm: 'keys-unwritable' as const,
        attempt: (underWay: (ms: number) => void) => keyStore.checkWritable(purpose, underWay),
        onResult: (works: boolean) => unwritable.noteAttempt('keys-unwritable', purpose, works),
      },
    ]),
  )
  const storageTroubles = async () => {
    const troubles = await storage.troubles()
    unwritable.noteAllTried()
    return troubles
  }
  const probes = new Probes([
    { alarm: 'prompts-unreadable', attempt: underWay => prompts.checkReadable(underWay) },
    { alarm: 'tap-unavailable', attempt: () => checkTapFolder(tapDir) },
  ])
  const away = awayTroubles(clock)
  return [
    {
      alarms: ['pbx-away', 'database-away', 'keeper-away', 'speech-away'],
      troubles: () => [
        ...away('pbx-away', telephony.connected, 'the PBX cannot be reached'),
        ...away(
          'database-away',
          journal.available,
          'the journal cannot reach its database',
          journal.databaseSilentMs,
        ),
        ...away('keeper-away', recorder.keeperPid !== undefined, messageOf(NO_KEEPER)),
        ...away(
          'speech-away',
          parts.speech?.processTrouble === undefined,
          parts.speech?.processTrouble ?? '',
        ),
        ...engineTroubles(parts.speech?.engines ?? []),
      ],
    },
    { alarms: RECORDING_ALARMS, troubles: () => recordingTroubles(recorder.signs(), silentLegMs, isLate()) },
    {
      alarms: ['too-many-recordings', 'overloaded', 'file-limit'],
      troubles: () =>
        loads().map(({ load, why }) => ({
          alarm: load,
          detail: why ? `${LOAD_DETAILS[load]} (${why})` : LOAD_DETAILS[load],
        })),
    },
    {
      alarms: ['clock-jumped'],
      troubles: () => {
        clock.acceptIfConfirmed()
        return clock.trusted ? [] : [{ alarm: 'clock-jumped', detail: jumpDetail(clock.offMs) }]
      },
    },
    { alarms: ['clock-doubtful'], troubles: () => clockDoubts(parts.day.refresh()) },
    {
      alarms: ['events-lost'],
      troubles: () =>
        journal.counts.dropped === 0
          ? []
          : [{ alarm: 'events-lost', detail: 'the journal could not take everything since the start' }],
    },
    { alarms: ['folder-copied', 'name-shared'], troubles: () => serviceLockTroubles(serviceLock) },
    { alarms: ['prompt-unusable'], troubles: () => each('prompt-unusable', parts.promptBook.unusable) },
    { alarms: ['calls-taken'], troubles: () => callsTaken.troubles() },
    { alarms: ['recording-short'], troubles: () => shortRecordings.troubles() },
    {
      alarms: ['tap-unreached'],
      troubles: () =>
        calls.tapRefused
          ? [{ alarm: 'tap-unreached', detail: messageOf(pipesNotFound(tapDir)) }]
          : parts.setup.troubles('tap-unreached'),
    },
    { alarms: ['pbx-records'], troubles: () => (calls.recordedByPbx ? [PBX_RECORDS] : []) },
    { alarms: ['call-spied'], troubles: () => (calls.around.spies.fromOutside ? [CALL_SPIED] : []) },
    { alarms: ['misconfigured'], troubles: () => parts.setup.troubles('misconfigured') },
    { alarms: ['probe-failed'], troubles: () => each('probe-failed', parts.probes.failed) },
    {
      alarms: ['events-refused'],
      troubles: () =>
        journal.refusing ? [{ alarm: 'events-refused', detail: messageOf(eventsRefused()) }] : [],
    },
    { alarms: ['log-stopped'], troubles: logTroubles(clock, parts) },
    { alarms: ['timestamp-away'], troubles: () => timestampTroubles(parts.journalLog.state.timestamps) },
    { alarms: ['store-unwritable', 'keys-unwritable'], costly: true, troubles: storageTroubles },
    {
      alarms: ['prompts-unreadable', 'tap-unavailable'],
      costly: true,
      troubles: () => probes.troubles(),
    },
    { alarms: ['disk-low'], costly: true, troubles: () => diskTroubles(parts) },
    {
      // The check of the setup reads the memory settings of the service, the keeper and the PBX.
      alarms: ['memory-exposed'],
      troubles: () =>
        parts.setup.troubles('memory-exposed').map(trouble => ({ ...trouble, check: 'memory' })),
    },
  ]
}

function awayTroubles(clock: Pick<Clock, 'elapsed'>) {
  const since = new Map<string, number>()
  /** @param awayMs how long the part has been away already */
  return (alarm: Trouble['alarm'], present: boolean, detail: string, awayMs = 0): Trouble[] => {
    const now = clock.elapsed()
    if (present) since.delete(alarm)
    else if (!since.has(alarm)) since.set(alarm, now - awayMs)
    return now - (since.get(alarm) ?? now) >= AWAY_MS ? [{ alarm, detail }] : []
  }
}

/**
 * Each engine and language has its own alarm. So one that fails later, or after the process was away, is reported too.
 */
const engineTroubles = (engines: readonly HeardBy[]): Trouble[] =>
  engines.flatMap(({ engine, language, trouble }) =>
    trouble === null
      ? []
      : [{ alarm: 'speech-away', check: language ? `${engine}-${language}` : engine, detail: trouble }],
  )

/**
 * Each finding has its own alarm. An alarm's detail is reported once, at its start, so it must not name findings that
 * start and end separately.
 */
const each = (alarm: Trouble['alarm'], found: readonly Found[]): Trouble[] =>
  found.map(({ check, detail }) => ({ alarm, check, detail }))

const jumpDetail = (offMs: number): string =>
  `the machine's clock jumped by ${Math.round(offMs / 1000)} s: the clock of the service continues as before, and nothing is purged`

/** A jump of the clock has its own alarm. */
const clockDoubts = (doubt: ReturnType<MonitoredParts['day']['refresh']>): Trouble[] =>
  doubt === undefined || doubt.kind === 'jumped'
    ? []
    : [{ alarm: 'clock-doubtful', detail: messageOf(clockInDoubt(doubt)) }]

const CALL_SPIED: Trouble = {
  alarm: 'call-spied',
  detail:
    'a channel that is no phone of the company may hear a call by ChanSpy: call.spied of that call names it',
}
const PBX_RECORDS: Trouble = {
  alarm: 'pbx-records',
  detail:
    'the PBX records calls by itself whose callers are asked (MixMonitor, or a mailbox): a no does not stop that recording. Switch the recording of the PBX off for these calls',
}
const serviceLockTroubles = ({ copied, namesakes }: MonitoredParts['serviceLock']): Trouble[] => [
  ...(copied
    ? [{ alarm: 'folder-copied' as const, detail: 'another running service has the id of this data folder' }]
    : []),
  ...(namesakes > 0
    ? [{ alarm: 'name-shared' as const, detail: 'another running service has the same CONSENTRY_NODE' }]
    : []),
]

const timestampTroubles = (fault: string | undefined): Trouble[] =>
  fault === undefined
    ? []
    : [{ alarm: 'timestamp-away', detail: `checkpoints are not time-stamped: ${fault}` }]

async function diskTroubles({ store, purposes }: MonitoredParts): Promise<Trouble[]> {
  const faults = await lowDisks(purposes, purpose => store.room(purpose))
  return faults.map(fault => ({ alarm: 'disk-low', detail: messageOf(fault) }))
}

/**
 * Longest stall of the log while events wait, ms. It takes an event within a second, and waits a second for a writer.
 */
const BEHIND_MS = 10_000

const HELD =
  'the transparency log stands still: for ten seconds no event has entered it, although events wait. Something holds its lock or a table of the journal, or no running service has its key'

/**
 * The check of the transparency log. Time without the database does not count, because that has an alarm of its own.
 *
 * @returns a function that returns the present troubles
 */
function logTroubles(
  clock: Pick<Clock, 'elapsed'>,
  { journal, journalLog }: Pick<MonitoredParts, 'journal' | 'journalLog'>,
): () => Trouble[] {
  let countedFrom = clock.elapsed()
  return () => {
    const { stopped, behindMs } = journalLog.state
    const now = clock.elapsed()
    if (!journal.available) countedFrom = now
    if (stopped !== undefined)
      return [{ alarm: 'log-stopped', detail: `the transparency log has stopped: ${stopped}` }]
    const behind = Math.min(behindMs, now - countedFrom) >= BEHIND_MS
    return behind ? [{ alarm: 'log-stopped', detail: HELD }] : []
  }
}

/** How long audio may wait to become durable before the alarm, ms. A store takes some 10 ms, and gives up after 20 s. */
const STUCK_MS = 5_000

const RECORDING_ALARMS: readonly AlarmKind[] = [
  'leg-silent',
  'tap-stopped',
  'container-stuck',
  'pipe-filling',
]

/**
 * The troubles of running recordings.
 *
 * @param silentMs how long a leg may be silent, ms
 * @param isLate whether this process is late: then audio may wait for it, not for a disk
 */
export const recordingTroubles = (
  signs: readonly RecordingSigns[],
  silentMs: number,
  isLate = false,
): Trouble[] =>
  signs.flatMap(({ recording, call, silentMs: silent, stuckMs, heldBytes, stops }): Trouble[] => [
    ...(['caller', 'agent'] as const)
      .filter(leg => silent[leg] >= silentMs)
      .map((leg): Trouble => {
        const detail = `nothing is heard of the ${leg} for ${silentMs / 1000} s: on hold, muted, or the sound does not arrive`
        return { alarm: 'leg-silent', recording, call, leg, detail }
      }),
    ...(stops > 0
      ? [
          {
            alarm: 'tap-stopped' as const,
            recording,
            call,
            detail:
              'somebody else stops MixMonitors of this channel (StopMixMonitor, one-touch recording): what is lost until ours runs again is journalled',
          },
        ]
      : []),
    ...(stuckMs >= STUCK_MS && !isLate
      ? [
          {
            alarm: 'container-stuck' as const,
            recording,
            call,
            detail: 'audio comes, and the container does not grow',
          },
        ]
      : []),
    ...(heldBytes > 0
      ? [
          {
            alarm: 'pipe-filling' as const,
            recording,
            call,
            detail: 'half of what the keeper may hold of it waits there',
          },
        ]
      : []),
  ])

/** An attempt to use a part that recordings need. */
interface Probe {
  alarm: AlarmKind
  /**
   * Rejects if the part does not work.
   *
   * @param underWay called with the duration of the attempt, ms, by the process that makes it. See `watchWork`
   */
  attempt(underWay: (ms: number) => void): Promise<unknown>
  /** Gets the result of each attempt. */
  onResult?(works: boolean): void
}

interface ProbeTimes {
  /** Longest attempt, ms. */
  attemptMs: number
  /** Longest silence of the process that makes the attempt, ms. Only time in which this process runs counts. */
  silentMs: number
  /** Longest wait of one check, ms. Without a result by then, the former one stays. */
  waitMs: number
}

/**
 * An attempt may take twice as long as a recording waits for a store. The prober starts in 0.1 s, and in some seconds
 * on a busy machine.
 */
const TIMES: ProbeTimes = { attemptMs: 3_000, silentMs: 15_000, waitMs: 4_000 }

interface Attempt {
  /** Why it does not work; null if it does; undefined while unknown. */
  found: string | null | undefined
  /** Resolves when the result is known. */
  readonly known: Promise<void>
}

/** Runs all probes at once. A hanging probe is not started again. */
export class Probes {
  readonly #probes: readonly Probe[]
  readonly #times: ProbeTimes
  readonly #running = new Map<Probe, Attempt>()
  /** The last result of each probe, as `Attempt.found`. */
  readonly #found = new Map<Probe, string | null>()

  constructor(probes: readonly Probe[], times: Partial<ProbeTimes> = {}) {
    this.#probes = probes
    this.#times = { ...TIMES, ...times }
  }

  /** Runs the probes. @returns the failures, one for each alarm */
  async troubles(): Promise<Trouble[]> {
    const found = await Promise.all(
      this.#probes.map(async probe => ({ alarm: probe.alarm, detail: await this.#check(probe) })),
    )
    const failed = found.flatMap(({ alarm, detail }) => (detail === null ? [] : [{ alarm, detail }]))
    return failed.filter(({ alarm }, i) => failed.findIndex(other => other.alarm === alarm) === i)
  }

  /** Returns why the part does not work; null if it does, or without any result. */
  async #check(probe: Probe): Promise<string | null> {
    const attempt = this.#running.get(probe) ?? this.#start(probe)
    await waitAtMost(backgroundTimers, this.#times.waitMs, attempt.known)
    if (attempt.found !== undefined) {
      this.#found.set(probe, attempt.found)
      probe.onResult?.(attempt.found === null)
    }
    return this.#found.get(probe) ?? null
  }

  #start(probe: Probe): Attempt {
    let resolve = () => {}
    const known = new Promise<void>(done => {
      resolve = done
    })
    const attempt: Attempt = { found: undefined, known }
    const find = (found: string | null) => {
      attempt.found = found
      resolve()
    }
    const { attemptMs, silentMs } = this.#times
    const late = () => find(`no answer within ${attemptMs / 1_000} s`)
    const work = probe.attempt(ms => void (ms >= attemptMs && late()))
    watchWork(work, ms => void (ms >= silentMs && late())).then(
      () => find(null),
      (error: Error) => find(error.message),
    )
    this.#running.set(probe, attempt)
    const over = () => void this.#running.delete(probe)
    void work.then(over, over)
    return attempt
  }
}

/** Rejects unless the tap folder exists. The keeper reports whether pipes can be made in it. */
async function checkTapFolder(folder: string): Promise<void> {
  const stat = await lstat(folder).catch(() => undefined)
  if (!stat?.isDirectory()) throw new Error(messageOf(missingFolder(folder, stat !== undefined)))
}
