import { delimiter } from 'node:path'
import { findVoices } from '../../../lab/voices.js'
import { atFileEnd } from './file-end.js'

/** Puts the lab's voices on the PATH of this process until this file is over, before those of the machine. @returns their folder */
export async function useVoices(): Promise<string> {
  const folder = await findVoices({})
  const former = process.env['PATH'] ?? '/usr/bin:/bin'
  process.env['PATH'] = [folder, former].join(delimiter)
  atFileEnd(() => {
    process.env['PATH'] = former
  })
  return folder
}
