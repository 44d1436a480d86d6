import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { promisify } from 'node:util'
import ffmpeg from 'fluent-ffmpeg'
import { AppError } from '../core/errors.js'
import { childEnv } from '../lib/process/child-env.js'
import { findOnPath } from '../lib/process/find-on-path.js'
import { diskFullError, VARIANTS } from './prompt-folder.js'

/** How long one run of ffmpeg may take before it is killed, s. A prompt takes 0.1 s. */
const TIMEOUT_S = 60
/** Frames of 20 ms, as Asterisk reads them. The last frame is filled with silence. */
const FRAMES_A_SECOND = 50
/** ffmpeg's messages for a full disk. Its exit code for that differs between versions. */
const DISK_FULL = /No space left on device|Disk quota exceeded/

/**
 * Writes every variant of one prompt as `<folder>/<stem>.<extension>`, with one run of ffmpeg.
 *
 * @param wav any WAV that ffmpeg reads
 * @throws AppError `tool.failed`, `store.unwritable` if the disk is full
 */
export type Convert = (wav: Buffer, folder: string, stem: string) => Promise<void>

/**
 * Checks that ffmpeg starts, for one batch of conversions. Without the check, fluent-ffmpeg throws outside its promise if ffmpeg
 * was removed since the last batch.
 *
 * @param tool path or name of ffmpeg
 * @throws AppError `tool.missing`, `tool.failed`
 */
export async function openConverter(tool: string): Promise<Convert> {
  await requireFfmpeg(tool)
  return (wav, folder, stem) => convert(wav, folder, stem, tool)
}

/** Programs that have started once, by the given name. */
const started = new Set<string>()

/**
 * Checks that ffmpeg starts. Starting it takes as long as most conversions, so later calls only check that its file
 * exists.
 *
 * @throws AppError `tool.missing`, `tool.failed`
 */
export async function requireFfmpeg(tool: string): Promise<void> {
  if (started.has(tool) && (await findOnPath(tool))) return
  started.delete(tool)
  await promisify(execFile)(tool, ['-version'], { env: childEnv(), timeout: TIMEOUT_S * 1000 }).catch(
    cause => {
      throw conversionError(cause, 'start', tool)
    },
  )
  started.add(tool)
}

// The library gives ffmpeg our whole environment. The service has removed its settings from it (`removeSettings`).
function convert(wav: Buffer, folder: string, stem: string, tool: string): Promise<void> {
  const command = ffmpeg({ timeout: TIMEOUT_S })
    .setFfmpegPath(tool)
    .input(Readable.from(wav))
    .inputFormat('wav')
  for (const { extension, encoder, format, rate, leadMs } of VARIANTS) {
    command
      .output(join(folder, `${stem}.${extension}`))
      .audioCodec(encoder)
      .audioChannels(1)
      .audioFrequency(rate)
      .audioFilters([
        ...(leadMs > 0 ? [`adelay=${leadMs}`] : []),
        `aresample=${rate}`,
        `asetnsamples=n=${rate / FRAMES_A_SECOND}:p=1`,
      ])
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
