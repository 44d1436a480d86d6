import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pc from 'picocolors'
import { type Command, noWords, printJson } from '../../src/commands/command.js'
import { interrupted } from '../../src/commands/interrupted.js'
import { timelineText } from '../../src/commands/timeline-text.js'
import { readConfig } from '../../src/config/config.js'
import { AppError } from '../../src/core/errors.js'
import { openDatabase } from '../../src/db/database.js'
import { expectedMarking } from '../../src/db/installation.js'
import { type CallTimeline, listCalls, readCall } from '../../src/journal/read/timeline.js'
import { toTelephone } from '../../src/lib/audio-formats/to-telephone.js'
import { readWav as readPromptWav } from '../../src/lib/audio-formats/wav.js'
import { counted } from '../../src/lib/plural.js'
import { projectRoot } from '../../src/lib/process/project.js'
import { verifyRecordings } from '../../src/recordings/audit/verify-recordings.js'
import { parseIdentities } from '../../src/vault/crypto/keygen.js'
import { cryptoReady } from '../../src/vault/crypto/ready.js'
import { openKeyStore } from '../../src/vault/keys/key-store.js'
import { openStore } from '../../src/vault/store/store.js'
import { toSamples } from '../audio/channel.js'
import { type Lab, startLab } from '../lab.js'
import { speakAll } from '../voice/speak.js'
import { findDifferences, type OpenedRecording, openRecordings } from './check-demo-call.js'
import { type DemoCall, demoCalls, placeDemoCall, type SpokenYes, type Voices } from './demo-calls.js'
import { readVoices } from './read-voices.js'

/** Longest time until the last events of a call are in the journal, ms. */
const JOURNAL_LIMIT_MS = 15_000

interface Outcome {
  demoCall: DemoCall
  call: CallTimeline
  opened: OpenedRecording[]
  wrong: string[]
}

export const command: Command = {
  summary: 'Places real calls and shows what becomes of them',
  details:
    'Sets up a PBX, a database and the service; prints the timeline of each call; decrypts and verifies its recordings.',
  usage: [''],
  example: 'demo',
  options: {},
  async run(request) {
    noWords(request)
    const tell = (line: string) => void process.stderr.write(`${pc.dim('consentry demo:')} ${line}\n`)
    const stopped = interrupted().then(() => {
      throw new AppError('tool.failed', 'The demo was interrupted; everything it started has been ended.')
    })
    const lab = await startLab({ progress: tell })
    try {
      return await Promise.race([stopped, runDemo(lab, tell, request.json)])
    } finally {
      await lab.stop()
    }
  },
}

async function runDemo(lab: Lab, tell: (line: string) => void, json: boolean): Promise<number> {
  const voices = await readVoices()
  const spokenYes = await readSpokenYes()
  await lab.service.waitUntilHearing()
  tell(
    `placing ${demoCalls.length} calls at once: callers hear the disclosure, press keys, speak or do neither, and talk to an agent`,
  )
  await Promise.all(
    demoCalls.map(async demoCall => {
      await placeDemoCall(demoCall, lab.pbx.sip, voices, spokenYes)
      tell(`${pc.green('✓')} ${demoCall.title}`)
    }),
  )
  tell('opening what was recorded, with the identity that the recording host does not have')
  return report(lab, voices, json)
}

async function readSpokenYes(): Promise<SpokenYes> {
  const file = join(projectRoot(), 'prompts', 'en', 'question-voice.wav')
  const { rate, samples } = readPromptWav(await readFile(file))
  const [yes] = await speakAll({ program: 'flite', voice: 'rms' }, ['yes'])
  return { question: toSamples(toTelephone(samples, rate)), yes: yes! }
}

async function report(lab: Lab, voices: Voices, json: boolean): Promise<number> {
  const config = readConfig(lab.env, 'tool')
  await cryptoReady
  const identities = parseIdentities(config.identities!.reveal())
  const db = openDatabase(lab.database.url)
  const dir = join(projectRoot(), 'var', 'demo')
  await mkdir(dir, { recursive: true })
  try {
    const marking = await expectedMarking(db, 'verb')
    const store = await openStore(config.store, marking)
    const keyStore = await openKeyStore(config.keystore, marking)
    const outcomes: Outcome[] = []
    for (const demoCall of demoCalls) {
      const call = await waitForCall(
        demoCall,
        () => listCalls(db, name => store.locate(name), { caller: demoCall.from }),
        id => readCall(db, name => store.locate(name), id),
      )
      const opened = await openRecordings({ db, store, keyStore }, call, identities, voices, dir)
      outcomes.push({ demoCall, call, opened, wrong: findDifferences(demoCall, call, opened) })
    }
    const { checked, faults } = await verifyRecordings({ db, store, keyStore, identities })
    const ok = faults.length === 0 && outcomes.every(({ wrong }) => wrong.length === 0)
    if (json)
      printJson({
        ok,
        checked,
        faults,
        calls: outcomes.map(({ demoCall, call, opened, wrong }) => ({
          title: demoCall.title,
          ...call,
          opened,
          wrong,
        })),
      })
    else process.stdout.write(asText(outcomes, checked.recordings, faults.length))
    return ok ? 0 : 1
  } finally {
    await db.close()
  }
}

/** Waits until the last event of a call is in the journal. */
async function waitForCall(
  demoCall: DemoCall,
  list: () => Promise<{ id: string }[]>,
  read: (id: string) => Promise<CallTimeline>,
): Promise<CallTimeline> {
  const end = performance.now() + JOURNAL_LIMIT_MS
  for (;;) {
    const [found] = await list()
    const call = found && (await read(found.id))
    const running =
      call?.recordings.some(({ state }) => state === 'recording') ||
      (call && Object.values(demoCall.answers).includes('granted') && !call.endedAt)
    if (call && !running) return call
    if (performance.now() > end) {
      if (call) return call
      throw new Error(`the call of ${demoCall.title} is not in the journal`)
    }
    await sleep(100)
  }
}

function asText(outcomes: Outcome[], recordings: number, faults: number): string {
  const parts = outcomes.map(({ demoCall, call, opened, wrong }) =>
    [
      `\n${pc.bold(pc.cyan(demoCall.title))}`,
      timelineText(call).trimEnd(),
      ...opened.map(
        o =>
          `${pc.green('decrypted')} ${o.purpose}: ${o.seconds.toFixed(2)} s, left: ${o.left}, right: ${o.right}\n          listen: ${o.file}`,
      ),
      ...(opened.length === 0 ? [pc.dim('nothing was recorded')] : []),
      ...wrong.map(words => pc.red(`✗ ${words}`)),
    ].join('\n'),
  )
  const right = outcomes.filter(({ wrong }) => wrong.length === 0).length
  const all = right === outcomes.length && faults === 0
  const summary = `${right} of ${counted(outcomes.length, 'call', 'calls')} as expected; ${counted(recordings, 'recording', 'recordings')} verified against the journal, ${counted(faults, 'fault', 'faults')}`
  return `${parts.join('\n')}\n\n${all ? pc.green(summary) : pc.red(summary)}\n`
}
