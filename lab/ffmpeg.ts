import { join } from 'node:path'
import { prepareTools, type ToolOptions } from './tools/prepare-tools.js'
import { runProgram } from './tools/run-program.js'

/** The machine's ffmpeg if it has one, since that saves a download of 100 MB; otherwise one of our own. */
export async function findFfmpeg(options: ToolOptions): Promise<string> {
  const present = await runProgram('ffmpeg', ['-version'], '').then(
    () => true,
    () => false,
  )
  if (present) return 'ffmpeg'
  const { ffmpeg } = await prepareTools(['ffmpeg'], options)
  return join(ffmpeg, 'bin', 'ffmpeg')
}
