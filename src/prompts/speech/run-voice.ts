import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AppError } from '../../core/errors.js'
import { childEnv } from '../../lib/process/child-env.js'

/** How long an engine may speak one prompt, ms. The slowest takes 2 s, and far longer while the disk hangs. */
export const SPEECH_TIMEOUT_MS = 40_000
/** Maximum output of an engine, audio or text, bytes: 100 s of 48 kHz. A prompt has 60 s at most. */
export const MAX_SPEECH_BYTES = 10_000_000
/** Placeholder for the path of the WAV file in the arguments of a program. */
export const WAV = '\0wav'

/**
 * Runs a program without a shell, with a text on its standard input and no settings in its environment.
 *
 * @returns its output
 * @throws AppError `tool.failed` if it fails, prints too much or takes longer than 40 s
 */
export function runVoice(program: string, args: readonly string[], input: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      env: childEnv(),
      stdio: ['pipe', 'pipe', 'ignore'],
      timeout: SPEECH_TIMEOUT_MS,
      killSignal: 'SIGKILL',
    })
    const printed: Buffer[] = []
    let bytes = 0
    child.stdout.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes > MAX_SPEECH_BYTES) child.kill('SIGKILL')
      else printed.push(chunk)
    })
    child.once('error', cause => reject(failed(program, cause.message, cause)))
    child.once('close', (code, signal) => {
      if (code === 0) resolve(Buffer.concat(printed).toString())
      else
        reject(failed(program, signal ? `it was ended after ${SPEECH_TIMEOUT_MS / 1000} s` : `code ${code}`))
    })
    // A program that ends without reading its input is reported by its code.
    child.stdin.on('error', () => {})
    child.stdin.end(input)
  })
}

/**
 * Runs a program that speaks into a file of a temporary folder, which is removed. Some engines cannot write a WAV into
 * a pipe.
 *
 * @param args may contain `WAV`, which stands for the path of the file
 * @returns the WAV as the program wrote it
 * @throws AppError `tool.failed`
 */
export async function speakToFile(program: string, args: readonly string[], text: string): Promise<Buffer> {
  const folder = await mkdtemp(join(tmpdir(), 'consentry-speech-'))
  try {
    const wav = join(folder, 'speech.wav')
    await runVoice(
      program,
      args.map(arg => (arg === WAV ? wav : arg)),
      text,
    )
    const { size } = await stat(wav).catch(() => ({ size: 0 }))
    if (size === 0 || size > MAX_SPEECH_BYTES) throw failed(program, `it wrote ${size} bytes`)
    return await readFile(wav)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const failed = (program: string, why: string, cause?: unknown) =>
  new AppError('tool.failed', `${program} did not speak: ${why}. Try another voice, or shorten the words.`, {
    cause,
  })
