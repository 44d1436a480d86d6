import { createHash, randomBytes } from 'node:crypto'
import type { UserId } from '../core/ids.js'
import type { Db } from '../db/database.js'

/** How many codes a user gets. */
const CODES = 10
/** Random bytes of a code: 120 bits. With 112 or more a plain hash is enough (OWASP ASVS 5.0, 6.5.2). */
const CODE_BYTES = 15
/** Base32 without letters similar to digits (Crockford). */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

/**
 * Replaces the recovery codes of a user.
 *
 * @returns the codes, of which only hashes are stored: six groups of four characters
 */
export async function replaceRecoveryCodes(db: Db, user: UserId): Promise<string[]> {
  const codes = Array.from({ length: CODES }, newCode)
  await db.deleteFrom('user_recovery_code').where('user_id', '=', user).execute()
  await db
    .insertInto('user_recovery_code')
    .values(codes.map(code => ({ user_id: user, hash: hashOf(code) })))
    .execute()
  return codes
}

/** True if a code is one of the user's and unused. It stays unused. */
export async function isRecoveryCode(db: Db, user: UserId, code: string): Promise<boolean> {
  const found = await db
    .selectFrom('user_recovery_code')
    .select('user_id')
    .where('user_id', '=', user)
    .where('hash', '=', hashOf(code))
    .where('used_at', 'is', null)
    .executeTakeFirst()
  return found !== undefined
}

/** Uses a recovery code up. @returns true if it was one of the user's and unused */
export async function useRecoveryCode(db: Db, user: UserId, code: string, at: number): Promise<boolean> {
  const used = await db
    .updateTable('user_recovery_code')
    .set({ used_at: new Date(at) })
    .where('user_id', '=', user)
    .where('hash', '=', hashOf(code))
    .where('used_at', 'is', null)
    .returning('user_id')
    .executeTakeFirst()
  return used !== undefined
}

/** How many recovery codes a user has left. */
export async function recoveryCodesLeft({ db }: { db: Db }, { user }: { user: UserId }): Promise<number> {
  const { left } = await db
    .selectFrom('user_recovery_code')
    .select(({ fn }) => fn.countAll<number>().as('left'))
    .where('user_id', '=', user)
    .where('used_at', 'is', null)
    .executeTakeFirstOrThrow()
  return left
}

/** Five bits a character. */
function newCode(): string {
  let bits = BigInt(`0x${randomBytes(CODE_BYTES).toString('hex')}`)
  let code = ''
  for (let i = 0; i < (CODE_BYTES * 8) / 5; i += 1) {
    code = `${ALPHABET[Number(bits & 31n)]}${code}`
    bits >>= 5n
  }
  return code.replace(/(.{4})(?=.)/g, '$1-')
}

/** Letters that resemble digits count as those digits. */
const hashOf = (code: string): Buffer =>
  createHash('sha256')
    .update(code.toUpperCase().replace(/[\s-]/g, '').replaceAll('O', '0').replace(/[IL]/g, '1'))
    .digest()
