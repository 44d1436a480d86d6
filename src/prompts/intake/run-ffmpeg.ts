import { PassThrough, Readable } from 'node:stream'
import ffmpeg, { type FfmpegCommand } from 'fluent-ffmpeg'
import type { Message } from '../../core/message.js'
import { Lane } from '../../lib/lane.js'
import { requireFfmpeg } from '../convert.js'
import { unusable } from './refuse.js'

/** How long ffmpeg may work on one sound, s. A minute of sound takes 0.5 s. */
const TIMEOUT_S = 20
/** Largest block of memory that ffmpeg may ask for, bytes. */
const MAX_ALLOC = 67_108_864

/** One sound at a time, so that uploads leave the processor to calls. */
const lane = new Lane(1)

/** One run of ffmpeg, from a pipe into a pipe. */
export interface Run {
  /** Path or name of ffmpeg. */
  tool: string
  input: Buffer
  /** ffmpeg's options for the input, which name its only demuxer. */
  inputOptions: string[]
  /** Sets the output. */
  output(command: FfmpegCommand): FfmpegCommand
  /** Most bytes of output. */
  maxBytes: number
}

/**
 * Runs ffmpeg without a shell and without files: it may read and write only pipes, so that no content can make it open
 * files.
 *
 * @returns its output, and its messages
 * @throws AppError `request.invalid` if it refuses the input; `tool.missing`, `tool.failed`
 */
export const runFfmpeg = (run: Run): Promise<{ bytes: Buffer; said: string }> =>
  lane.run(async () => {
    await requireFfmpeg(run.tool)
    return pipeThrough(run)
  })

// The library gives ffmpeg our whole environment. Service, console and the verb have removed their settings from it.
function pipeThrough({ tool, input, inputOptions, output, maxBytes }: Run) {
  // If the stream closes before ffmpeg has ended, the library reports a failure. So the stream stays open.
  const sink = new PassThrough({ autoDestroy: false })
  const parts: Buffer[] = []
  let length = 0
  const command = output(
    ffmpeg({ timeout: TIMEOUT_S })
      .setFfmpegPath(tool)
      .input(Readable.from([input]))
      .inputOptions(['-protocol_whitelist', 'pipe', '-max_alloc', String(MAX_ALLOC), ...inputOptions]),
  )
  return new Promise<{ bytes: Buffer; said: string }>((resolve, reject) => {
    const refuse = (why: string | Message, cause?: unknown) => reject(unusable(why, cause))
    sink.on('data', (part: Buffer) => {
      length += part.length
      if (length <= maxBytes) return parts.push(part)
      refuse('The sound is longer than a prompt may be: shorten it.')
      command.kill('SIGKILL')
    })
    command.on('end', (_out: unknown, said: string | null | undefined) =>
      resolve({ bytes: Buffer.concat(parts), said: said ?? '' }),
    )
    command.on('error', (cause: Error) => {
      // Its message is not shown, because it may quote the file.
      refuse('The sound cannot be decoded: it is damaged, or of an unusual kind. Save it again.', cause)
    })
    command.pipe(sink, { end: true })
  })
}
