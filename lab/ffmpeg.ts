import { join } from 'node:path'
import { prepareTools, type ToolOptions } from './tools/prepare-tools.js'
import { isInstalled } from './tools/run-program.js'

/** @returns path or name of the machine's ffmpeg, or of one that the lab downloads once (100 MB) */
export async function findFfmpeg(options: ToolOptions): Promise<string> {
  if (await isInstalled('ffmpeg', ['-version'])) return 'ffmpeg'
  const { ffmpeg } = await prepareTools(['ffmpeg'], options)
  return join(ffmpeg, 'bin', 'ffmpeg')
}
