import type { Trouble } from '../../shared/alarms.js'
import type { Clock } from '../../shared/clock.js'
import type { Load } from '../../shared/ports.js'
import type { SteadyClock } from '../steady-clock.js'
import type { UnwritableStorage } from '../storage-away.js'
import type { Check } from '../watch.js'
import type { Watched } from '../watched.js'
import type { CallsTaken } from './calls-taken.js'
import { memoryExposed } from './machine.js'
import { Probes, tapFolderStands } from './probes.js'
import { RECORDING_ALARMS, recordingTroubles } from './recordings.js'

/** A part that is away for less is being started anew, ms. */
const AWAY_MS = 2_000
/** A disk with less of its room free is nearly full. */
const LOW = 0.05

const words: Record<Load, string> = {
  'too-many-recordings': 'as many calls are recorded or being asked as may be: new ones pass unrecorded',
  overloaded: 'the service is late with its work: new calls pass unrecorded',
  'file-limit': 'nearly as many files are open as may be: new calls pass unrecorded',
}

interface ChecksDeps {
  clock: SteadyClock
  watched: Watched
  /** Gets the result of each probe. */
  away: UnwritableStorage
  taken: Pick<CallsTaken, 'troubles'>
  tapDir: string
  silentLegMs: number
  shut(): Load[]
}

/** Everything that is looked at while the service runs. */
export function checksOf(deps: ChecksDeps): Check[] {
  const { clock, watched, away: places, taken, tapDir, silentLegMs, shut } = deps
  const { identity, store, keyStore, prompts, recorder, journal, journalLog, calls, telephony } = watched
  const probes = new Probes([
    ...watched.purposes.flatMap(purpose => [
      {
        alarm: 'store-unwritable' as const,
        attempt: () => store.checkWritable(purpose),
        tried: (works: boolean) => places.tried('store-unwritable', purpose, works),
      },
      {
        alarm: 'keys-unwritable' as const,
        attempt: () => keyStore.checkWritable(purpose),
        tried: (works: boolean) => places.tried('keys-unwritable', purpose, works),
      },
    ]),
    { alarm: 'prompts-unreadable', attempt: () => prompts.checkReadable() },
    { alarm: 'tap-unavailable', attempt: () => tapFolderStands(tapDir) },
  ])
  const away = awayFor(clock)
  return [
    {
      alarms: ['pbx-away', 'database-away', 'keeper-away'],
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
      ],
    },
    { alarms: RECORDING_ALARMS, troubles: () => recordingTroubles(recorder.signs(), silentLegMs) },
    {
      alarms: ['too-many-recordings', 'overloaded', 'file-limit'],
      troubles: () => shut().map(alarm => ({ alarm, detail: words[alarm] })),
    },
    {
      alarms: ['clock-jumped'],
      troubles: () => {
        clock.acceptIfTold()
        return clock.trusted ? [] : [{ alarm: 'clock-jumped', detail: jumpWords(clock.offMs) }]
      },
    },
    { alarms: ['clock-doubtful'], troubles: () => doubtful(watched.day.known) },
    {
      alarms: ['events-lost'],
      troubles: () =>
        journal.counts.dropped === 0
          ? []
          : [{ alarm: 'events-lost', detail: 'the journal could not take everything since the start' }],
    },
    { alarms: ['folder-copied', 'name-shared'], troubles: () => mistaken(identity) },
    { alarms: ['calls-taken'], troubles: () => taken.troubles() },
    { alarms: ['tap-unreached'], troubles: () => (calls.tapRefused ? [UNREACHED] : []) },
    { alarms: ['events-refused'], troubles: () => (journal.refusing ? [REFUSED] : []) },
    { alarms: ['log-stopped'], troubles: () => unsigned(journalLog.state.stopped) },
    {
      alarms: ['store-unwritable', 'keys-unwritable', 'prompts-unreadable', 'tap-unavailable'],
      costly: true,
      troubles: () => probes.troubles(),
    },
    { alarms: ['disk-low'], costly: true, troubles: () => lowRoom(watched) },
    {
      alarms: ['memory-exposed'],
      costly: true,
      troubles: () => exposed(memoryExposed().join('; ')),
    },
  ]
}

function awayFor(clock: Pick<Clock, 'elapsed'>) {
  const since = new Map<string, number>()
  /** @param unheardMs for how long it was away already when that became known */
  return (alarm: Trouble['alarm'], there: boolean, detail: string, unheardMs = 0): Trouble[] => {
    const now = clock.elapsed()
    if (there) since.delete(alarm)
    else if (!since.has(alarm)) since.set(alarm, now - unheardMs)
    return now - (since.get(alarm) ?? now) >= AWAY_MS ? [{ alarm, detail }] : []
  }
}

const jumpWords = (offMs: number): string =>
  `the machine's clock jumped by ${Math.round(offMs / 1000)} s: time goes on as before, and nothing is purged`

/** A jump has an alarm of its own. */
const doubtful = (doubt: Watched['day']['known']): Trouble[] =>
  doubt === undefined || doubt.kind === 'jumped'
    ? []
    : [{ alarm: 'clock-doubtful', detail: `nothing is purged: ${doubt.detail}` }]

const unsigned = (reason: string | undefined): Trouble[] =>
  reason === undefined
    ? []
    : [{ alarm: 'log-stopped', detail: `the log over the journal is not carried on: ${reason}` }]

const UNREACHED: Trouble = {
  alarm: 'tap-unreached',
  detail:
    'the dialplan did not start the tap of a call that is to be recorded: Asterisk does not reach the pipes',
}
const REFUSED: Trouble = {
  alarm: 'events-refused',
  detail: 'the database refuses every event: they are lost',
}

const mistaken = ({ copied, namesakes }: Watched['identity']): Trouble[] => [
  ...(copied
    ? [{ alarm: 'folder-copied' as const, detail: 'another running service has the id of this data folder' }]
    : []),
  ...(namesakes > 0
    ? [{ alarm: 'name-shared' as const, detail: 'another running service has the same CONSENTRY_NODE' }]
    : []),
]

const exposed = (detail: string): Trouble[] => (detail === '' ? [] : [{ alarm: 'memory-exposed', detail }])

async function lowRoom({ store, purposes }: Watched): Promise<Trouble[]> {
  const rooms = await Promise.all(purposes.map(purpose => store.room(purpose).catch(() => undefined)))
  const low = rooms.some(room => room && room.free < room.size * LOW)
  return low ? [{ alarm: 'disk-low', detail: 'less than a twentieth of the store is free' }] : []
}
