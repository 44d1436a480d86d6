import { readFile, stat } from 'node:fs/promises'
import type { Server } from 'node:https'
import { AppError } from '../core/errors.js'
import type { Certificate } from '../lib/http/limited-server.js'
import type { Log } from '../lib/log.js'

/** Files of a certificate with its chain, and of its secret key. */
export interface CertificateFiles {
  certificate: string
  key: string
}

/** Interval of checks for changed files, ms. A new certificate is written days before the old one ends. */
const LOOK_MS = 60_000

/** Reads the certificate. @throws AppError `config.invalid` */
export async function readCertificate({ certificate, key }: CertificateFiles): Promise<Certificate> {
  const [cert, secret] = await Promise.all(
    [certificate, key].map(path =>
      readFile(path).catch(cause => {
        throw new AppError(
          'config.invalid',
          `${path} cannot be read: the console needs its certificate and key`,
          { cause },
        )
      }),
    ),
  )
  return { cert: cert!, key: secret! }
}

/**
 * Loads a renewed certificate without a restart. Existing connections keep the old one. A certificate that does not
 * match its key is logged, and the old one stays.
 *
 * @returns stops the checks
 */
export function followCertificate(
  server: Server,
  files: CertificateFiles,
  log: Log,
  everyMs = LOOK_MS,
): () => void {
  let known = changedAt(files)
  const reloadIfChanged = async () => {
    const [before, now] = [await known, await changedAt(files)]
    if (before === now) return
    known = Promise.resolve(now)
    try {
      server.setSecureContext({ ...(await readCertificate(files)), minVersion: 'TLSv1.2' })
      log.info('the console has a new certificate')
    } catch (error) {
      log.error({ reason: (error as Error).message }, 'the new certificate of the console cannot be used')
    }
  }
  const timer = setInterval(() => void reloadIfChanged(), everyMs)
  return () => clearInterval(timer)
}

/** The modification times of the files, as one text. */
const changedAt = async ({ certificate, key }: CertificateFiles): Promise<string> =>
  (
    await Promise.all(
      [certificate, key].map(path =>
        stat(path).then(
          ({ mtimeMs }) => mtimeMs,
          () => 0,
        ),
      ),
    )
  ).join()
