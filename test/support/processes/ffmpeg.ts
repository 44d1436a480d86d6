import { findFfmpeg } from '../../../lab/ffmpeg.js'

/** Path or name of the machine's ffmpeg, or of one that the lab downloads once. */
export const ffmpeg: string = await findFfmpeg({})
