import { delimiter } from 'node:path'
import { findVoices } from '../../../lab/voices.js'

/** Puts the lab's voices on the PATH of this process, before those of the machine. @returns their folder */
export async function useVoices(): Promise<string> {
  const folder = await findVoices({})
  process.env['PATH'] = [folder, process.env['PATH'] ?? '/usr/bin:/bin'].join(delimiter)
  return folder
}
