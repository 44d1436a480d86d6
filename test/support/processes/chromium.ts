import { findChromium } from '../../../lab/chromium.js'

/** Path or name of a Chromium that runs: the machine's, else the lab's own, which is fetched once. */
export const chromium: string = await findChromium({})
