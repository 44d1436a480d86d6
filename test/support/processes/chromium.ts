import { findChromium } from '../../../lab/chromium.js'

/** Path or name of the machine's Chromium, or of one that the lab downloads once. */
export const chromium: string = await findChromium({})
