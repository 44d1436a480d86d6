import { createHash, timingSafeEqual } from 'node:crypto'
import type { Secret } from '../../shared/secret.js'

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()

/**
 * Whether an Authorization header has the token (RFC 6750 section 2.1). The comparison takes the same time for all wrong tokens.
 */
export function hasToken(token: Secret, header: string | undefined): boolean {
  const given = /^Bearer +([A-Za-z0-9\-._~+/]+=*)$/i.exec(header ?? '')?.[1]
  return given !== undefined && timingSafeEqual(digest(given), digest(token.reveal()))
}
