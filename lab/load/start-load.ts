import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { USUAL_PATH } from '../../src/process/child-env.js'
import { AppError } from '../../src/shared/errors.js'
import { encodeG711 } from '../audio/g711.js'
import { readWav } from '../audio/wav.js'
import { LOOPBACK } from '../ports.js'
import { startProcess } from '../process/start-process.js'
import { prepareTools, type ToolOptions } from '../tools/prepare-tools.js'
import { type LoadScript, writeScenario } from './scenario.js'

export interface LoadOptions extends ToolOptions, LoadScript {
  /** The PBX, `host:port`. */
  sip: string
  /** What all dial. */
  number: string
  /** Calls in all. */
  calls: number
  /** Calls at the same time; all by default. */
  atOnce?: number | undefined
  /** New calls a second. */
  rate: number
  /** What callers say over and over, signed 16-bit samples; a recorded sentence by default. */
  audio?: Int16Array | undefined
  /** First and last UDP port of their media. */
  ports?: [number, number] | undefined
  /** They speak on time whatever else wants to run, as people's phones do. */
  realTime?: boolean | undefined
}

/** Many callers at once, on their way. */
export interface Load {
  /** Process id of SIPp. */
  readonly pid: number
  /**
   * Waits for the last call's end.
   *
   * @throws AppError `tool.failed` if a call did not go as the script says
   */
  waitUntilDone(): Promise<void>
  /** Ends all calls at once, without good-byes. Harmless when they have ended. */
  stop(): Promise<void>
}

/** A person's voice, so that codecs and detectors have real speech to work on; 6.7 s. */
const SPEECH_FILE = 'usr/share/asterisk/sounds/en_US_f_Allison/demo-enterkeywords.wav'

/** What SIPp sees of our environment: it draws its statistics, so it wants a terminal's name. */
const ENVIRONMENT = { PATH: USUAL_PATH, TERM: 'dumb' }

/** What callers say if nothing else is wanted, signed 16-bit samples. */
export async function readSpeech(options: ToolOptions = {}): Promise<Int16Array> {
  const { sounds } = await prepareTools(['sounds'], options)
  return readWav(join(sounds, SPEECH_FILE))
}

/** Lets one SIPp process place many calls of the same script. Resolves once it runs. */
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
    // Its statistics only explain a failure: once a minute is enough.
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
    async waitUntilDone() {
      await own.ended
      const said = (await readFile(errors!, 'utf8').catch(() => '')) || own.output()
      await stop()
      if (own.exitCode() !== 0)
        throw new AppError('tool.failed', `not every call went as planned: ${said.slice(-2_000)}`)
    },
  }
}
