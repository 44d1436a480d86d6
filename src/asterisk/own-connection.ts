import { randomUUID } from 'node:crypto'
import type { PbxExamination } from '../core/pbx-facts.js'
import { examinePbx } from './examine-pbx.js'
import { openPhoneOfProbe, type PhoneOfProbe } from './phone-of-probe.js'
import { startProbe } from './probe-tap.js'
import { type AriAccess, connectAri } from './transport/ari-transport.js'

const ignoreEvents = { event() {}, garbled() {}, closed() {} }

/** Name of an ARI application that no other process uses. */
export const ownApplication = (app: string): string => `${app}-check-${randomUUID().slice(0, 8)}`

/**
 * Asks a PBX for everything that checks need, over a connection and an ARI application of its own, so that services are
 * not disturbed.
 *
 * @throws AppError `pbx.*`; the message of `pbx.unavailable` names the setting at fault
 */
export async function examineByOwnConnection(access: AriAccess & { app: string }): Promise<PbxExamination> {
  const ari = await connectAri(access)
  const through = ownApplication(access.app)
  const close = await ari.listen(through, ignoreEvents)
  try {
    return await examinePbx(ari, { url: access.url, app: access.app, through })
  } finally {
    close()
  }
}

/** As `startProbe`, over a connection of its own. @throws AppError `pbx.*` */
export async function startProbeByOwnConnection(
  access: AriAccess & { app: string },
  tap: string,
): Promise<boolean> {
  const ari = await connectAri(access)
  const through = ownApplication(access.app)
  return (await startProbe(ari, { app: access.app, through, tap })) === 'started'
}

/** As `openPhoneOfProbe`, over a connection of its own. @throws AppError `pbx.*` */
export async function openPhoneByOwnConnection(
  access: AriAccess & { app: string },
  tap: string,
): Promise<PhoneOfProbe> {
  const { url, app } = access
  return openPhoneOfProbe(await connectAri(access), { url, app, through: ownApplication(app), tap })
}
