import { join, resolve } from 'node:path'
import { Calls } from './call/calls.js'
import { matchChannels } from './call/match-channels.js'
import { noteRescue } from './call/note-rescue.js'
import { watchForStalls } from './call/stall-watch.js'
import type { Config } from './config/config.js'
import { startServer } from './console/server.js'
import { openDatabase } from './db/database.js'
import { expectedMarking, noteMarked } from './db/installation.js'
import { provideForService } from './db/provide.js'
import { holdServiceLock } from './db/service-lock.js'
import { type Health, startHealth } from './health/health.js'
import { watchRecovery } from './health/watch-recovery.js'
import { startServiceJobs } from './jobs/jobs.js'
import { startJournal } from './journal/journal.js'
import { unfinishedCalls } from './journal/read/unfinished-calls.js'
import { Spool } from './journal/spool/spool.js'
import { drainInFlightWrites } from './journal/write/in-flight-writes.js'
import { defaultLine as unknownLine } from './policy/default-line.js'
import { startLineBook } from './policy/line-book.js'
import { endProcess } from './process/end-process.js'
import { version } from './process/project.js'
import { openPromptBook } from './prompts/prompt-book.js'
import { checkPurposes, missingSetup } from './recording/check-setup.js'
import { type RunningRecorder, startRecorder } from './recording/recorder.js'
import { DayCheck } from './retention/day-check.js'
import { systemClock } from './shared/clock.js'
import { event } from './shared/events.js'
import { createLog, type Log } from './shared/log.js'
import { keeperSocket } from './tap/keeper-process.js'
import { beatVariable } from './telephony/beat.js'
import { startTelephony, type TelephonySink } from './telephony/telephony.js'
import { startLog } from './tlog/start-log.js'
import { cryptoReady } from './vault/crypto/ready.js'
import { openDataFolder } from './vault/data-folder.js'
import { openKeyStore } from './vault/keys/key-store.js'
import { lockServiceResources } from './vault/lock-resources.js'
import { openInTime } from './vault/open-in-time.js'
import { Prober } from './vault/probe/prober.js'
import { renewServiceId, serviceId } from './vault/service-id.js'
import { openStore } from './vault/store/store.js'

/** How often calls are held against the channels that live, ms: bounds how late an unheard end is noticed. */
const SWEEP_MS = 30_000
/** How long calls in question have to be let go when the service stops, ms. */
const STOP_MS = 5_000
/** How long one part may take to end, ms: whatever holds it up, those behind it have something to write. */
const ENDING_MS = 8_000
/** How long the process may outlive its parts, ms: whatever still runs then serves nobody. */
const LINGER_MS = 1_000

/**
 * Runs the service until it is told to stop (SIGTERM or SIGINT). The parts start in the order in which a call meets
 * them from behind: first where things are written, last the door through which calls come in. They end the other way.
 *
 * @throws AppError when a part cannot start; those before it are ended again
 */
export async function serve(config: Config): Promise<void> {
  process.title = 'consentry serve'
  const log = createLog(config.logLevel)
  const endings: (() => Promise<unknown>)[] = []
  try {
    await run(config, log, ending => endings.push(ending))
  } finally {
    let whole = true
    for (let end = endings.pop(); end; end = endings.pop()) whole = (await inTime(end())) && whole
    log.info({ whole }, 'stopped')
    // What does not end would keep the process, and its successor waiting; so would a connection that somebody still waits on.
    if (!whole) endProcess(1)
    setTimeout(() => endProcess(1), LINGER_MS).unref()
  }
}

/** @returns false if it has not ended, and is not waited for any more */
async function inTime(ending: Promise<unknown>): Promise<boolean> {
  let cancel = () => {}
  const late = new Promise<boolean>(resolve => {
    cancel = systemClock.after(ENDING_MS, () => resolve(false))
  })
  return await Promise.race([ending.then(() => true), late]).finally(() => cancel())
}

async function run(config: Config, log: Log, atEnd: (ending: () => Promise<unknown>) => void): Promise<void> {
  const { data, ari, recipients } = config
  for (const { name, meant } of config.unknownNames)
    log.warn(
      { setting: name, ...(meant && { meant }) },
      'there is no such setting: what was set by it does not hold',
    )
  if (config.identities)
    log.warn('CONSENTRY_IDENTITY is set: take it off this host, where no recording needs to be opened')
  await openInTime(`CONSENTRY_DATA ${data}`, openDataFolder(data))
  await lockServiceResources(config, log)
  await cryptoReady
  const database = await provideForService(config.database, data, log)
  atEnd(() => database.stop())
  const db = openDatabase(database.url)
  atEnd(() => db.close())
  const journalLog = startLog(config.log, database.url, log)
  atEnd(() => journalLog.stop())
  const identity = await holdServiceLock(
    db,
    { id: await serviceId(data, log), node: config.node, version, renewId: () => renewServiceId(data, log) },
    log,
  )
  atEnd(() => identity.stop())
  const spool = await openInTime('the spool', Spool.open(join(data, 'spool'), log))
  const writer = startJournal(database.url, log, spool)
  atEnd(() => writer.stop())
  // What an earlier service could not enter, or had sent when it died, comes first: a yes taken back then must not be recorded on.
  await writer.idle()
  const recoveryDone = watchRecovery(writer, log)
  atEnd(async () => recoveryDone())
  await drainInFlightWrites(db, log)
  const health = startHealth({ config, machineClock: systemClock, journal: writer, log })
  atEnd(async () => health.stop())
  const { journal } = health
  const lines = await startLineBook(db, log)
  atEnd(() => lines.stop())
  const prompts = await openPromptBook({ dir: config.promptDir, ffmpeg: config.ffmpeg, log })
  const marking = await expectedMarking(db, 'service')
  const [keyStore, store] = await Promise.all([
    openInTime('CONSENTRY_KEYSTORE', openKeyStore(config.keystore, marking)),
    openInTime('CONSENTRY_STORE', openStore(config.store, marking)),
  ])
  await noteMarked(db)
  for (const warning of [
    ...missingSetup(recipients, lines.all()),
    ...checkPurposes(lines.all(), { store, keyStore, recipients }),
  ])
    log.warn(warning)

  const day = new DayCheck({ db, clock: health.clock, offMs: () => health.clock.offMs })
  const beat = { variable: beatVariable(ari.app), id: identity.id }
  const keeper = {
    tapDir: config.tapDir,
    socket: keeperSocket(data),
    ari: { ...ari, password: ari.password.reveal(), beat },
  }
  const owner = { node: config.node, keeper: keeper.socket, service: identity.id }
  const recorder = await startRecorder({
    keeper,
    owner,
    db,
    journal,
    keyStore,
    store,
    recipients,
    clock: health.clock,
    log,
    stamp: at => health.clock.stamp(at),
    isJournalComplete: () => writer.available,
    dayIsCertain: async () => (await day.check()) === undefined,
  })
  atEnd(() => recorder.stop())
  // A way of their own into the journal: no caller's answer waits behind thousands of recordings that are destroyed.
  const jobJournal = startJournal(database.url, log)
  atEnd(() => jobJournal.stop())
  const jobs = startServiceJobs(
    {
      db,
      journal: jobJournal,
      keyStore,
      store,
      clock: health.clock,
      log,
      day,
      personalDays: config.personalDays,
    },
    config.schedules,
  )
  atEnd(() => jobs.stop())
  health.onClockSet(() => jobs.clockSet())
  const stalls = watchForStalls(health.clock, ms => {
    log.error({ ms: Math.round(ms) }, 'the service stood still: calls in question go on unrecorded')
    calls.failUndecided('service-stalled')
  })
  atEnd(async () => stalls.stop())
  const { clock } = stalls
  const { gate } = health
  const calls = new Calls({ lines, gate, unknownLine, owner, prompts, journal, recorder, clock, log })
  atEnd(() => calls.stop(STOP_MS))
  const unfinished = await unfinishedCalls(db, owner)
  const telephony = startTelephony(
    { ...ari, beat },
    pbxSink(calls, recorder, health, stalls.check, () => void alignAll()),
    log,
  )
  const alignAll = () => matchChannels({ calls, pbx: telephony, clock, log })
  atEnd(async () => telephony.stopTakingCalls())
  calls.recover(unfinished, telephony.channel)
  recoveryDone()
  const ended = recorder.recovered.filter(id => !unfinished.some(call => call.id === id))
  for (const id of ended) void recorder.channelGone(id)
  recorder.onRescue(rescued => noteRescue(rescued, channel => calls.callIdOf(channel), { journal, clock }))
  const sweeps = setInterval(() => void alignAll(), SWEEP_MS)
  atEnd(async () => clearInterval(sweeps))

  const keys = recipients.map(({ keyId }) => keyId)
  journal.note(event('service.started', null, clock.now(), { version, node: config.node, keys }))
  const purposes = [...new Set(recipients.map(({ purpose }) => purpose))]
  const prober = new Prober({
    ...{ store: config.store, keystore: config.keystore, marking },
    prompts: resolve(config.promptDir),
  })
  atEnd(async () => prober.stop())
  const { store: storeProbe, keyStore: keyProbe, prompts: promptProbe } = prober
  const watched = {
    identity,
    day,
    store: storeProbe,
    keyStore: keyProbe,
    prompts: promptProbe,
    journal: writer,
    journalLog,
    recorder,
    calls,
    telephony,
  }
  void health.watch({
    ...watched,
    purposes: purposes.filter(one => store.accepts(one) && keyStore.accepts(one)),
  })
  const server = await startServer(config.http, {
    parts: health.parts,
    metrics: health.metrics,
    figures: () => ({
      calls: calls.size,
      ...telephony.counters,
      logged: journalLog.state.size,
      waiting: writer.waiting,
      spooled: writer.spooled,
      dropped: writer.counts.dropped,
    }),
    log: journalLog.files,
    api: config.apiToken && { calls, token: config.apiToken },
  })
  atEnd(() => server.close())
  if (!telephony.connected) log.info({ url: server.url }, 'ready; waiting for the PBX')
  void telephony.reached.then(() =>
    log.info({ url: server.url, prompts: prompts.all().length }, 'ready for calls'),
  )

  const reason = await stopSignal()
  log.info({ reason }, 'stopping: new calls pass unrecorded')
  // What is missing from here on is meant to be.
  health.stop()
  journal.note(event('service.stopped', null, clock.now(), { reason }))
}

/** What the PBX says, for the calls; the times in which it could not be heard, for the journal. */
function pbxSink(
  calls: Calls,
  recorder: RunningRecorder,
  { journal, clock }: Pick<Health, 'journal' | 'clock'>,
  look: () => void,
  aligned: () => void,
): TelephonySink {
  let lostAt: number | null = null
  return {
    arrived(arrival) {
      look()
      calls.arrived({ ...arrival, at: clock.stamp(arrival.at) })
    },
    fact(channel, fact) {
      look()
      calls.handleChannelFact(channel, { ...fact, at: clock.stamp(fact.at) })
    },
    connected(restarted, started) {
      const now = clock.now()
      if (lostAt !== null)
        journal.note(event('pbx.restored', null, now, { blindMs: now - lostAt, restarted }))
      lostAt = null
      recorder.pbxBack(started)
      aligned()
    },
    lost(reason) {
      lostAt = clock.now()
      journal.note(event('pbx.lost', null, lostAt, { reason }))
      recorder.pbxLost()
      calls.failUndecided('pbx-lost')
    },
  }
}

const stopSignal = (): Promise<string> =>
  new Promise(resolve => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve(signal))
  })
