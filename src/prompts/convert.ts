import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { promisify } from 'node:util'
import ffmpeg from 'fluent-ffmpeg'
import { childEnv } from '../process/child-env.js'
import { AppError } from '../shared/errors.js'
import { diskFullError } from './prompt-folder.js'
import { VARIANTS } from './variants.js'

/** A prompt takes a tenth of a second; after this an ffmpeg that hangs is killed. In seconds. */
const TIMEOUT_S = 60
/** Asterisk reads 20 ms at a time; the last frame is filled up with silence. */
const FRAMES_A_SECOND = 50
/** ffmpeg tells only in words that the disk takes no more: its exit code depends on its version. */
const DISK_FULL = /No space left on device|Disk quota exceeded/

/**
 * Writes every variant of one prompt as `<folder>/<stem>.<extension>`, with one run of ffmpeg.
 *
 * @param wav what to convert; any WAV that ffmpeg reads
 * @throws AppError `tool.failed`, `store.unwritable` where no space is left
 */
export type Convert = (wav: Buffer, folder: string, stem: string) => Promise<void>

/**
 * Makes sure that ffmpeg starts. For one batch: fluent-ffmpeg throws past its caller when ffmpeg vanishes after the
 * library has once seen one.
 *
 * @param tool path or name of ffmpeg
 * @throws AppError `tool.missing`, `tool.failed`
 */
export async function openConverter(tool: string): Promise<Convert> {
  await promisify(execFile)(tool, ['-version'], { env: childEnv(), timeout: TIMEOUT_S * 1000 }).catch(
    cause => {
      throw conversionError(cause, 'start', tool)
    },
  )
  return (wav, folder, stem) => convert(wav, folder, stem, tool)
}

// The library gives ffmpeg our whole environment. The service has removed its settings from that before (`removeSettings`).
function convert(wav: Buffer, folder: string, stem: string, tool: string): Promise<void> {
  const command = ffmpeg({ timeout: TIMEOUT_S })
    .setFfmpegPath(tool)
    .input(Readable.from(wav))
    .inputFormat('wav')
  for (const { extension, encoder, format, rate } of VARIANTS) {
    command
      .output(join(folder, `${stem}.${extension}`))
      .audioCodec(encoder)
      .audioChannels(1)
      .audioFrequency(rate)
      .audioFilters([`aresample=${rate}`, `asetnsamples=n=${rate / FRAMES_A_SECOND}:p=1`])
      .format(format)
      .outputOptions('-bitexact')
  }
  return new Promise((resolve, reject) => {
    command.on('end', () => resolve())
    command.on('error', (cause: NodeJS.ErrnoException, _out: unknown, said: string | null | undefined) =>
      reject(
        DISK_FULL.test(said ?? '')
          ? diskFullError(folder, cause)
          : conversionError(cause, `convert ${stem}`, tool),
      ),
    )
    command.run()
  })
}

function conversionError(cause: NodeJS.ErrnoException, task: string, tool: string): AppError {
  if (cause.code === 'ENOENT' || cause.code === 'EACCES') {
    const hint = 'install ffmpeg, or set CONSENTRY_FFMPEG to its path'
    return new AppError('tool.missing', `${tool} cannot be started: ${hint}`, { cause })
  }
  return new AppError('tool.failed', `${tool} could not ${task}: ${cause.message}`, { cause })
}
