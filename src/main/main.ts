import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beatVariable } from '../asterisk/beat.js'
import { playCheck } from '../asterisk/play-check.js'
import { startTelephony } from '../asterisk/telephony.js'
import { type RecorderDeps, startRecorder } from '../audio/recorder.js'
import { keeperSocket } from '../audio/tap/keeper-process.js'
import { insideBy } from '../call/parties/inside.js'
import { Calls, hearPbx } from '../call/run/calls.js'
import { keepMatching } from '../call/run/match-channels.js'
import { watchForStalls } from '../call/run/stall-watch.js'
import { Trials } from '../call/run/trials.js'
import { type Config, warnAboutSettings } from '../config/config.js'
import { systemClock } from '../core/clock.js'
import { event } from '../core/events.js'
import { english } from '../core/message.js'
import { openDatabase } from '../db/database.js'
import { expectedMarking, noteMarked } from '../db/installation.js'
import { provideForService } from '../db/provide.js'
import { holdServiceLock } from '../db/service-lock.js'
import { startJournal } from '../journal/journal.js'
import { journalledChannels } from '../journal/read/journalled-channels.js'
import { unfinishedCalls } from '../journal/read/unfinished-calls.js'
import { Spool } from '../journal/spool/spool.js'
import { drainInFlightWrites } from '../journal/write/in-flight-writes.js'
import { createLog, type Log } from '../lib/log.js'
import { childEnv } from '../lib/process/child-env.js'
import { stopSignal } from '../lib/process/faults.js'
import { KeptProcess } from '../lib/process/kept-process.js'
import { type Parts, runParts } from '../lib/process/parts.js'
import { version } from '../lib/process/project.js'
import type { ServiceManager } from '../lib/process/service-manager.js'
import { startLineBook } from '../lines/line-book.js'
import { promptToRecord } from '../lines/prompts/record-prompt.js'
import { lineToRing } from '../lines/ring-draft.js'
import { unknownLine } from '../lines/unknown-line.js'
import { publishedSize } from '../log/log-files.js'
import { startLog } from '../log/start-log.js'
import { doubtfulWords } from '../prompts/contradictions.js'
import { startLivePrompts } from '../prompts/live-prompts.js'
import { noteUnusable } from '../prompts/note-unusable.js'
import { DayCheck } from '../recordings/retain/day-check.js'
import { probeTap, serviceSite } from '../site/check/service-site.js'
import { watchSetup } from '../site/check/watch-setup.js'
import { startHealth } from '../site/health/health.js'
import { reportOf } from '../site/health/service-report.js'
import { timedJournal, timedPrompts } from '../site/health/timed-parts.js'
import { watchRecovery } from '../site/health/watch-recovery.js'
import { workCheck } from '../site/health/work-done.js'
import { recipientTaker } from '../site/recipients.js'
import { inCallAsker } from '../socket/ask-in-call.js'
import { listenForRequests, type RequestHandlers } from '../socket/listen.js'
import { serviceSocket } from '../socket/protocol.js'
import { createEar, createHearing, enginesNeeded, type Hearing } from '../speech/hearing.js'
import { checkPurposes, missingSetup } from '../vault/check-setup.js'
import { openDataFolder } from '../vault/data-folder.js'
import { lockServiceResources } from '../vault/lock-resources.js'
import { openInTime, openStores } from '../vault/open-in-time.js'
import { Prober } from '../vault/probe/prober.js'
import { serviceId } from '../vault/service-id.js'
import { figuresOf, startServer } from './http/server.js'
import { startServiceJobs } from './jobs.js'
import { lineProbes } from './probe-lines.js'
import { startLinePublisher } from './publish-lines.js'

/*
 * The way of a call from the dialplan's `Gosub` to a committed yes, in the order in which to read it:
 *
 *  1. asterisk/consentry.conf          `Gosub(consentry,s,1)` hands the channel over: `Stasis(consentry,number)`
 *  2. src/asterisk/telephony.ts        receives the PBX's events, and passes on arrivals and facts
 *  3. src/asterisk/ari-events.ts       reads an event: the arrival of a channel, a key, the end of a prompt
 *  4. src/asterisk/ari-channel.ts      sends orders to the channel: answer, play, return to the dialplan
 *  5. src/call/run/calls.ts            `hearPbx` finds the call of a channel; `Calls.arrived` starts a new one
 *  6. src/call/run/run-call.ts         gives each fact to the machine, and carries out the orders that follow
 *  7. src/call/machine/call-machine.ts what each fact means at each step
 *  8. src/call/machine/call-moves.ts   disclosure, key, commit, confirmation: the state and the orders that follow
 *  9. src/call/machine/question.ts     how a question is asked, and what counts as its answer
 * 10. src/call/run/prompt-player.ts    plays a prompt, and tells whether the caller heard it in full
 * 11. src/call/run/commit-answer.ts    commits the answer; only then is there a grant to record
 * 12. src/journal/journal.ts           takes the event, and waits for its commit
 * 13. src/journal/write/queue.ts       the events that wait, in order for each call
 * 14. src/journal/write/writer.ts      sends answers over connections of their own
 * 15. src/journal/write/write-batch.ts the transaction: events, the rows that follow from them, commit
 *
 * Types alone are in `call/machine/call-states.ts`, `call/ports.ts` and `core/ports.ts`. `asterisk/transport/` and `db/`
 * wrap the packages for ARI and PostgreSQL.
 */

/**
 * How long the service may take to return undecided calls to the dialplan when it stops, ms. Two orders to a PBX that does not
 * answer take 4 s. The keeper rescues callers who are left.
 */
const RETURN_MS = 5_000

/** Lower priority of the console, below service and PBX (`nice`). */
const CONSOLE_NICENESS = 10

/** The parts of the service besides its settings. */
export interface Surroundings {
  /** The settings of the console; undefined if the service starts none. */
  forConsole: Record<string, string> | undefined
  manager(log: Log): ServiceManager
}

/**
 * Runs the service until SIGTERM or SIGINT.
 *
 * @throws AppError when a part cannot start; the parts before it are ended
 */
export async function serve(config: Config, { forConsole, manager }: Surroundings): Promise<void> {
  process.title = 'consentry serve'
  const log = createLog(config.logLevel)
  await runParts(log, parts => run({ config, forConsole, manager: manager(log), log, parts }))
}

/** What each group of parts is started with. */
interface Start {
  config: Config
  forConsole: Surroundings['forConsole']
  manager: ServiceManager
  log: Log
  /** Takes each part when it has started, so that it is ended. */
  parts: Parts
}

/**
 * Starts the parts of the service. A call uses them from the last to the first: the PBX, then the calls, then the parts
 * to which they write. So the parts are started in the reverse order of use, and ended in the order of use.
 */
async function run(start: Start): Promise<void> {
  const { config, forConsole, manager, log, parts } = start
  warnAboutSettings(config, log)
  await openInTime(`CONSENTRY_DATA ${config.data}`, openDataFolder(config.data))
  await lockServiceResources(config, log)
  const base = await startJournalParts(start)
  const content = await startContent(start, base)
  const recording = await startRecording(start, base, content, {
    caughtUp: () => calling.telephony.caughtUp(),
    serves: () => base.recovery.isOver && !calling.calls.leftWaiting && calling.telephony.hears,
  })
  const jobs = startJobs(start, base, recording)
  const hearing = parts.add('speech', startHearing(config, log))
  content.lines.onLoaded(() => hearing.want(enginesNeeded(content.lines.all())))
  const calling = await startCalls(start, base, content, { ...recording, hearing })
  jobs.probes.usePbx(calling.telephony)
  const watched = await startWatching(start, {
    ...base,
    ...content,
    ...recording,
    ...jobs,
    ...calling,
    hearing,
  })
  await listenToRequests(start, { ...base, ...recording, ...jobs, ...calling, ...watched })
  // The console runs in a process of its own, with a lower priority than calls.
  if (config.console && forConsole) parts.add('console', startConsole(config, forConsole, log))

  const { telephony, calls, clock } = calling
  const { journal, health } = base
  manager.ready(telephony.connected ? 'ready for calls' : 'ready; waiting for the PBX')
  parts.add('watchdog', manager.feedWatchdogWhile(workCheck({ calls, pbx: telephony, journal })))
  const reason = await stopSignal()
  manager.stopping()
  log.info({ reason }, 'stopping: new calls pass unrecorded')
  // From here on, missing parts raise no alarm, because the service ends.
  health.stop()
  journal.note(event('service.stopped', null, clock.now(), { reason }))
}

/** Starts the parts to which a call writes: events, and the log that proves them. */
async function startJournalParts({ config, manager, log, parts }: Start) {
  const { data, node } = config
  manager.status('waiting for the database')
  const database = parts.add('database', await provideForService(config.database, data, log))
  const db = parts.add('database connections', openDatabase(database.url), one => one.close())
  manager.status('reading lines, prompts and recordings')
  const journalLog = parts.add('transparency log', startLog(config.log, database.url, log))
  const own = { id: await serviceId(data, log), node, version, replaces: config.replaces }
  const serviceLock = parts.add('service lock', await holdServiceLock(db, own, log))
  const spool = await openInTime('the spool', Spool.open(join(data, 'spool'), log))
  const journal = parts.add('journal', startJournal(database.url, log, spool))
  // Waiting events of an earlier service enter the journal first, so that no recording continues after a withdrawal.
  await journal.idle()
  const recovery = parts.add('recovery watch', watchRecovery(journal, log))
  await drainInFlightWrites(db, log)
  const health = parts.add('health', startHealth({ config, machineClock: systemClock, journal, log }))
  return { url: database.url, db, journalLog, serviceLock, journal, recovery, health }
}

type JournalParts = Awaited<ReturnType<typeof startJournalParts>>

/** Starts the parts that a call reads: prompts and lines. */
async function startContent({ config, log, parts }: Start, { db, journal }: JournalParts) {
  const files = { db, dir: config.promptDir, ffmpeg: config.ffmpeg, log, play: playCheck(config.ari) }
  const onUnusable = noteUnusable(journal, systemClock)
  const prompts = parts.add('prompts', await startLivePrompts({ ...files, onUnusable }))
  const lines = parts.add('lines', await startLineBook(db, log, line => doubtfulWords(line, prompts.all())))
  return { prompts, lines }
}

type Content = Awaited<ReturnType<typeof startContent>>

/** How the PBX says that the access to it is this service's. */
const beatOf = ({ ari }: Config, { serviceLock }: Pick<JournalParts, 'serviceLock'>) => ({
  ...{ variable: beatVariable(ari.app), id: serviceLock.id },
})

/** Starts the parts that a recording needs: stores, and the keeper of its audio. */
async function startRecording(
  { config, manager, log, parts }: Start,
  base: JournalParts,
  { lines }: Content,
  calls: Pick<RecorderDeps, 'caughtUp' | 'serves'>,
) {
  const { db, journal, serviceLock, health } = base
  // The list grows when the console adds a key.
  const recipients = [...config.recipients]
  const marking = await expectedMarking(db, 'service')
  const { keyStore, store } = await openStores(config, marking)
  await noteMarked(db)
  const unrecorded = checkPurposes(lines.all(), { store, keyStore, recipients })
  for (const warning of [...missingSetup(recipients, lines.all()), ...unrecorded.map(english)])
    log.warn(warning)
  const day = new DayCheck({
    ...{ db, clock: health.clock },
    offMs: () => health.clock.offMs,
    published: () => publishedSize(config.log.dir),
  })
  const keeper = keeperOf(config, beatOf(config, base))
  const owner = { node: config.node, service: serviceLock.id }
  const stores = { db, keyStore, store, clock: health.clock, log }
  manager.status('waiting for the keeper')
  const recorder = parts.add(
    'recorder',
    await startRecorder({
      ...{ ...stores, ...calls, keeper, owner, journal, recipients, awaitsLook: true, work: health.work },
      stamp: health.clock.stamp,
      isJournalComplete: () => journal.available,
      dayIsCertain: async () => (await day.check()) === undefined,
    }),
  )
  return { recipients, marking, day, owner, stores, recorder }
}

type RecordingParts = Awaited<ReturnType<typeof startRecording>>

function keeperOf({ data, tapDir, ari, keeperSocket: given }: Config, beat: ReturnType<typeof beatOf>) {
  const own = { tapDir, socket: keeperSocket(data), ari: { ...ari, password: ari.password.reveal(), beat } }
  return { ...own, ...(given && { socket: given, hasUnit: true }) }
}

/**
 * Starts the jobs, some of which destroy recordings. They journal over a connection of its own, so that no caller's
 * answer waits behind thousands of events.
 */
function startJobs(
  { config, log, parts }: Start,
  { url, health }: JournalParts,
  { stores, day }: RecordingParts,
) {
  const journal = parts.add('journal of the jobs', startJournal(url, log))
  const jobDeps = { ...stores, journal, day, personalDays: config.personalDays, config }
  const probes = lineProbes(jobDeps, config.probes)
  const jobs = parts.add('jobs', startServiceJobs(jobDeps, config.schedules, probes.jobs))
  health.onClockSet(() => jobs.clockSet())
  parts.add('publication of lines', startLinePublisher(jobDeps))
  return { jobDeps, probes }
}

/** Starts the calls, and the connection to the PBX. */
async function startCalls(
  { config, log, parts }: Start,
  base: JournalParts,
  { prompts, lines }: Content,
  { owner, recorder, hearing }: Pick<RecordingParts, 'owner' | 'recorder'> & { hearing: Hearing },
) {
  const { db, journal, health, recovery } = base
  const { gate, work } = health
  const unfinished = await unfinishedCalls(db, owner)
  const stalls = parts.add('stall watch', watchForStalls(health.clock))
  const { clock } = stalls
  const ear = createEar({ hearing, log, check: () => stalls.check() })
  const callDeps = {
    ...{ lines, gate, unknownLine, owner, recorder, ear, clock, log, meterFor: health.metrics.meterFor },
    ...{ isInside: insideBy(config.inside), stopsPbxRecordings: config.pbxRecords === 'stop' },
    ...{ prompts: timedPrompts(prompts, work), journal: timedJournal(journal, work) },
    begunAt: clock.elapsed() - process.uptime() * 1_000,
  }
  const calls = parts.add('calls', new Calls(callDeps), one => one.stop(RETURN_MS))
  const trialDeps = { gate, prompts, journal, clock, log, ear }
  const trials = parts.add('trials', new Trials(trialDeps), one => one.stop(RETURN_MS))
  stalls.onStall(ms => {
    calls.stalled(ms)
    trials.failAll('service-stalled')
  })
  // Nothing is awaited from here on, so that no report of the PBX is missed.
  const pbx = hearPbx({ calls, trials, recorder, journal, clock: health.clock, stalls })
  const access = { ...config.ari, beat: beatOf(config, base), work }
  const telephony = parts.add('PBX', startTelephony(access, pbx, log), one => one.stopTakingCalls())
  calls.recover(unfinished, telephony.channel)
  recovery.over()
  recorder.endRecoveredExcept(unfinished.map(({ id }) => id))
  recorder.onRescue(pbx.rescued)
  const journalled = journalledChannels.bind(null, db)
  const matched = { calls, trials, pbx: telephony, journalled, clock, log }
  parts.add('matching', keepMatching(matched, pbx.onConnected))
  return { calls, trials, pbx, telephony, clock }
}

type CallParts = Awaited<ReturnType<typeof startCalls>>

/** Starts the parts that watch all others. */
async function startWatching(
  { config, manager, log, parts }: Start,
  started: JournalParts &
    Content &
    RecordingParts &
    ReturnType<typeof startJobs> &
    CallParts & { hearing: Hearing },
) {
  const { journal, journalLog, serviceLock, health, prompts, marking, recipients, day } = started
  const { url, db, lines, recorder, stores, probes, hearing, calls, telephony, pbx, clock } = started
  const [keys, purposes] = [recipients.map(({ keyId }) => keyId), recipients.map(({ purpose }) => purpose)]
  const { store, keystore, node, promptDir } = config
  journal.note(event('service.started', null, clock.now(), { version, node, keys, purposes }))
  const prober = parts.add('prober', new Prober({ store, keystore, prompts: promptDir, marking }))
  const known = { config, url, db, lines: lines.all, recorder, telephony, calls }
  const reachable = () => telephony.connected && journal.available
  const setup = parts.add(
    'watch of the setup',
    watchSetup({ openSite: () => serviceSite(known), reachable, clock: systemClock, log }),
  )
  pbx.onConnected(() => setup.checkSoon())
  const monitored = {
    ...{ serviceLock, day, journal, journalLog, recorder, calls, telephony, setup, probes, speech: hearing },
    ...{ store: prober.store, keyStore: prober.keyStore, prompts: prober.prompts, promptBook: prompts },
    get purposes() {
      const known = [...new Set(recipients.map(({ purpose }) => purpose))]
      return known.filter(one => stores.store.accepts(one) && stores.keyStore.accepts(one))
    },
  }
  void health.watch(monitored)
  const figures = () => figuresOf({ calls, telephony, journalLog, journal })
  const api = config.apiToken && { calls, token: config.apiToken }
  const shown = { parts: health.parts, metrics: health.metrics, figures, log: journalLog.files, api }
  const http = parts.add('HTTP', await startServer(config.http, shown), one => one.close())
  if (!telephony.connected) log.info({ url: http.url }, 'ready; waiting for the PBX')
  void telephony.reached.then(() => {
    manager.status('ready for calls')
    log.info({ url: http.url, prompts: prompts.all().length }, 'ready for calls')
  })
  return { known, monitored }
}

/** Listens for the console and the commands, which ask the service for actions that only the service can carry out. */
async function listenToRequests(
  { config, log, parts }: Start,
  started: Pick<JournalParts, 'health'> &
    Pick<RecordingParts, 'recipients'> &
    ReturnType<typeof startJobs> &
    CallParts &
    Awaited<ReturnType<typeof startWatching>>,
): Promise<void> {
  const { health, recipients, jobDeps, calls, trials, telephony, known, monitored } = started
  const handlers: RequestHandlers = {
    async ring(request) {
      const policy = await lineToRing(jobDeps, request)
      return { trial: await trials.ring({ ...request, policy }, telephony) }
    },
    async record(request) {
      const { name: prompt, by, way, endpoint } = request
      const take = await promptToRecord(jobDeps, request)
      return { trial: await trials.ring({ prompt, take, by, way, endpoint }, telephony) }
    },
    'inspect-pbx': () => telephony.inspect(),
    'probe-tap': () => probeTap(known),
    ask: inCallAsker(calls),
    report: async () => ({ ...(await reportOf(monitored, version)), sides: calls.around.sides.fault }),
    'add-recipients': recipientTaker({ journal: jobDeps.journal, clock: health.clock, config, recipients }),
  }
  const requests = { handlers, clock: systemClock, log }
  parts.add('service socket', await listenForRequests(serviceSocket(config.data), requests))
}

function startHearing({ hearing: settings }: Config, log: Log): Hearing {
  const program = fileURLToPath(new URL('../speech/process/main.js', import.meta.url))
  return createHearing({ settings, command: [process.execPath, program], clock: systemClock, log })
}

/** Starts the console beside the service. */
function startConsole({ database }: Config, settings: Record<string, string>, log: Log): { stop(): unknown } {
  if (database.url && !database.consoleUrl) {
    log.warn('there is no console: set DATABASE_CONSOLE_URL, or CONSENTRY_CONSOLE=off')
    return { stop() {} }
  }
  const cli = fileURLToPath(new URL('../cli.js', import.meta.url))
  return new KeptProcess({
    ...{ name: 'console', command: [process.execPath, cli, 'console'], env: childEnv(settings) },
    ...{ niceness: CONSOLE_NICENESS, clock: systemClock, log },
  })
}
