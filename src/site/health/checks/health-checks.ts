import type { Trouble } from '../../../core/alarms.js'
import type { Clock } from '../../../core/clock.js'
import type { Load } from '../../../core/ports.js'
import type { SteadyClock } from '../../../lib/clock/steady-clock.js'
import type { Found, HeardBy, MonitoredParts } from '../monitored-parts.js'
import type { Check } from '../run-checks.js'
import type { UnwritableStorage } from '../unwritable-storage.js'
import type { CallsTaken } from './calls-taken.js'
import { logTroubles } from './log.js'
import { memoryTroubles } from './machine.js'
import { checkTapFolder, Probes } from './probes.js'
import { RECORDING_ALARMS, recordingTroubles } from './recordings.js'
import type { ShortRecordings } from './short-recordings.js'

/** How long a part must be away to raise an alarm, ms. A shorter absence is a restart. */
const AWAY_MS = 2_000
/** The fraction of free space below which a disk is nearly full. */
const LOW_FRACTION = 0.05

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
        ...away(
          'keeper-away',
          recorder.keeperPid !== undefined,
          'there is no keeper: nothing new is recorded',
        ),
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
      troubles: () => (calls.tapRefused ? [TAP_UNREACHED] : parts.setup.troubles('tap-unreached')),
    },
    { alarms: ['pbx-records'], troubles: () => (calls.recordedByPbx ? [PBX_RECORDS] : []) },
    { alarms: ['call-spied'], troubles: () => (calls.around.spies.fromOutside ? [CALL_SPIED] : []) },
    { alarms: ['misconfigured'], troubles: () => parts.setup.troubles('misconfigured') },
    { alarms: ['probe-failed'], troubles: () => each('probe-failed', parts.probes.failed) },
    { alarms: ['events-refused'], troubles: () => (journal.refusing ? [EVENTS_REFUSED] : []) },
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
      alarms: ['memory-exposed'],
      costly: true,
      troubles: () => [
        ...memoryTroubles(),
        // The check also reads the memory settings of the keeper and the PBX.
        ...parts.setup.troubles('memory-exposed').map(trouble => ({ ...trouble, check: 'memory' })),
      ],
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
  `the machine's clock jumped by ${Math.round(offMs / 1000)} s: time goes on as before, and nothing is purged`

/** A jump of the clock has its own alarm. */
const clockDoubts = (doubt: ReturnType<MonitoredParts['day']['refresh']>): Trouble[] =>
  doubt === undefined || doubt.kind === 'jumped'
    ? []
    : [{ alarm: 'clock-doubtful', detail: `nothing is purged: ${doubt.detail}` }]

const TAP_UNREACHED: Trouble = {
  alarm: 'tap-unreached',
  detail:
    'the dialplan did not start the tap of a call that is to be recorded: Asterisk does not reach the pipes',
}
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
const EVENTS_REFUSED: Trouble = {
  alarm: 'events-refused',
  detail: 'the database refuses every event: they are lost',
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
  const spaces = await Promise.all(purposes.map(purpose => store.room(purpose).catch(() => undefined)))
  const low = spaces.some(room => room && room.free < room.size * LOW_FRACTION)
  return low ? [{ alarm: 'disk-low', detail: 'less than a twentieth of the store is free' }] : []
}
