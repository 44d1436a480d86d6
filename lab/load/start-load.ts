import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { backgroundTimers } from '../../src/core/clock.js'
import { AppError } from '../../src/core/errors.js'
import { waitAtMost } from '../../src/lib/deadline.js'
import { USUAL_PATH } from '../../src/lib/process/child-env.js'
import { encodeG711 } from '../audio/g711.js'
import { readWav } from '../audio/wav.js'
import { LOOPBACK } from '../ports.js'
import { startProcess } from '../process/start-process.js'
import { prepareTools, type ToolOptions } from '../tools/prepare-tools.js'
import { type LoadScript, writeScenario } from './scenario.js'

export interface LoadOptions extends ToolOptions, LoadScript {
  /** The PBX, `host:port`. */
  sip: string
  /** The number that all callers dial. */
  number: string
  /** Number of calls. */
  calls: number
  /** Calls at the same time; all by default. */
  atOnce?: number | undefined
  /** New calls a second. */
  rate: number
  /** The repeated speech of callers, signed 16-bit samples; a recorded sentence by default. */
  audio?: Int16Array | undefined
  /** First and last UDP port of the callers' media. */
  ports?: [number, number] | undefined
  /** Real-time priority: packets leave on time on a busy machine, as from real phones. */
  realTime?: boolean | undefined
}

/** Many callers in one SIPp process. */
export interface Load {
  /** Process id of SIPp. */
  readonly pid: number
  /**
   * Waits until all calls have ended.
   *
   * @param limit longest wait, ms; none by default
   * @returns whether they have ended in time
   * @throws AppError `tool.failed` if a call did not follow the script
   */
  waitUntilDone(limit?: number): Promise<boolean>
  /** Kills SIPp; the calls end without BYE. May be called again. */
  stop(): Promise<void>
}

/** A person's voice, 6.7 s, so that codecs and detectors process real speech. */
const SPEECH_FILE = 'usr/share/asterisk/sounds/en_US_f_Allison/demo-enterkeywords.wav'

/** SIPp's environment. It draws its statistics, so it needs a terminal's name. */
const ENVIRONMENT = { PATH: USUAL_PATH, TERM: 'dumb' }

/** @returns the default speech of callers, signed 16-bit samples */
export async function readSpeech(options: ToolOptions = {}): Promise<Int16Array> {
  const { sounds } = await prepareTools(['sounds'], options)
  return readWav(join(sounds, SPEECH_FILE))
}

/** Starts one SIPp process that places many calls of the same script. */
export async function startLoad(options: LoadOptions): Promise<Load> {
  const { sipp } = await prepareTools(['sipp'], options)
  const dir = await mkdtemp(join(tmpdir(), 'consentry-load-'))
  const [audio, script, errors] = ['speech.alaw', 'scenario.xml', 'errors.txt'].map(name => join(dir, name))
  await writeFile(audio!, encodeG711(options.audio ?? (await readSpeech(options)), 'alaw'))
  await writeFile(script!, writeScenario(options, audio!))
  const [firstPort, lastPort] = options.ports ?? [33_000, 59_999]
  const words = [
    ['-sf', script],
    ['-s', options.number],
    ['-m', options.calls],
    ['-l', options.atOnce ?? options.calls],
    ['-r', options.rate],
    ['-i', LOOPBACK],
    ['-mi', LOOPBACK],
    ['-min_rtp_port', firstPort],
    ['-max_rtp_port', lastPort],
    // The statistics only explain failures: once a minute is enough.
    ['-f', 60],
    ['-error_file', errors],
  ]
  const command = [
    join(sipp, 'bin', 'sipp'),
    options.sip,
    '-nostdin',
    '-trace_err',
    ...words.flat().map(String),
  ]
  const own = startProcess(command, { env: ENVIRONMENT, realTime: options.realTime })
  const stop = async () => {
    await own.end(['SIGKILL'], 5_000)
    await rm(dir, { recursive: true, force: true })
  }
  return {
    pid: own.pid,
    stop,
    async waitUntilDone(limit) {
      if (limit === undefined) await own.ended
      else if (!(await waitAtMost(backgroundTimers, limit, own.ended))) return false
      const said = (await readFile(errors!, 'utf8').catch(() => '')) || own.output()
      await stop()
      if (own.exitCode() !== 0)
        throw new AppError('tool.failed', `a call did not follow the script: ${said.slice(-2_000)}`)
      return true
    },
  }
}
