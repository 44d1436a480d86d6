import { join } from 'node:path'
import { prepareTools, type ToolOptions } from './tools/prepare-tools.js'
import { findProgram } from './tools/run-program.js'

/** @returns path of the machine's ffmpeg, or of one that the lab downloads once (100 MB) */
export async function findFfmpeg(options: ToolOptions): Promise<string> {
  const installed = await findProgram('ffmpeg', ['-version'])
  if (installed !== undefined) return installed
  const { ffmpeg } = await prepareTools(['ffmpeg'], options)
  return join(ffmpeg, 'bin', 'ffmpeg')
}
