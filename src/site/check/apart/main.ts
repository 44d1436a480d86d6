import { once } from '../../../lib/work.js'
import { processOf } from '../../facts/pbx-here.js'
import { lookForRecordings } from '../../facts/pbx-recording.js'
import type { LookedApart } from './look-apart.js'

// The program that checks whether a PBX records by itself, in a process beside the service.
const { host, url } = JSON.parse(process.argv[2] ?? '') as LookedApart
const settings = { ari: { url } }
const asterisk = once(() => processOf(host, settings))
process.stdout.write(JSON.stringify(await lookForRecordings({ host, config: () => settings, asterisk })))
