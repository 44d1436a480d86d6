import { once } from '../../../lib/work.js'
import { processOf } from '../../facts/pbx-here.js'
import { findPbxRecording } from '../../facts/pbx-recording.js'
import type { ApartSite } from './check-apart.js'

// The program that checks whether a PBX records by itself, in a process beside the service.
const { host, url } = JSON.parse(process.argv[2] ?? '') as ApartSite
const settings = { ari: { url } }
const asterisk = once(() => processOf(host, settings))
process.stdout.write(JSON.stringify(await findPbxRecording({ host, config: () => settings, asterisk })))
