import type { Telephony } from '../../asterisk/telephony-port.js'
import { probeByKeeper } from '../../audio/tap/probe-pipes.js'
import { probeSides } from '../../audio/tap/probe-sides.js'
import type { Tap, TapListener } from '../../audio/tap/tap.js'
import type { Config } from '../../config/config.js'
import type { PbxExamination } from '../../core/pbx-facts.js'
import type { LinePolicy } from '../../core/policy.js'
import type { SideFault } from '../../core/ports.js'
import type { Secret } from '../../core/secret.js'
import type { TapProbe } from '../../core/service-report.js'
import type { Database } from '../../db/database.js'
import { type HostPaths, THIS_HOST } from '../../lib/host/processes.js'
import { version } from '../../lib/process/project.js'
import { once } from '../../lib/work.js'
import { processOf } from '../facts/pbx-here.js'
import type { Site } from '../facts/site.js'
import { checkApart } from './apart/check-apart.js'

/** The service's own state, and its connections to the PBX. */
export interface ServiceParts {
  config: Config
  url: Secret
  db: Database
  lines(): readonly LinePolicy[]
  recorder: { openProbe(listener: TapListener): Promise<Tap> }
  telephony: Pick<Telephony, 'examine' | 'probeTap' | 'phoneOfProbe'>
  /** Finds whether the PBX silences a leg of recordings. */
  calls: { readonly around: { readonly sides: { fault: SideFault } } }
}

/** Makes the site of a running service, with the service's connections. */
export function serviceSite(parts: ServiceParts, host: HostPaths = THIS_HOST): Site {
  const { config, url, db, telephony } = parts
  let examined: Promise<PbxExamination> | undefined
  const ending = new AbortController()
  return {
    ...{ host, settings: {}, settingsFile: undefined },
    config: () => config,
    databaseUrl: async () => url,
    database: async () => db,
    lines: async () => parts.lines(),
    service: async () => ({ pid: process.pid, version }),
    probeTap: () => probeTap(parts),
    async sides() {
      const { recorder, calls } = parts
      calls.around.sides.fault = await probeSides(
        listener => recorder.openProbe(listener),
        tap => telephony.phoneOfProbe(tap),
      )
      return calls.around.sides.fault
    },
    pbx() {
      examined ??= telephony.examine()
      return examined
    },
    // Reading all processes of the machine would keep callers waiting.
    asterisk: once(() => processOf(host, config)),
    pbxRecording: () => checkApart({ host, url: config.ari.url }, ending.signal),
    close: async () => ending.abort(),
  }
}

/** Has the PBX write a tone into pipes of the service's keeper. @throws AppError `tap.unavailable`, `pbx.*` */
export const probeTap = ({
  recorder,
  telephony,
}: Pick<ServiceParts, 'recorder' | 'telephony'>): Promise<TapProbe> =>
  probeByKeeper(
    listener => recorder.openProbe(listener),
    tap => telephony.probeTap(tap),
  )
