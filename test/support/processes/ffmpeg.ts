import { findFfmpeg } from '../../../lab/ffmpeg.js'

/** Path or name of an ffmpeg that runs: the machine's, else the lab's own, which is fetched once. */
export const ffmpeg: string = await findFfmpeg({})
