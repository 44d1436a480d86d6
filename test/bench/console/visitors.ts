import type { Lab } from '../../../lab/lab.js'
import { codeAt } from '../../../src/accounts/second-factor.js'
import { openSession } from '../../../src/accounts/sessions.js'
import { openDatabase } from '../../../src/db/database.js'

/** A browser that is signed in: the headers of its requests. */
export type Visitor = Record<'cookie' | 'sec-fetch-site', string>

/**
 * Signs the lab's administrator in by the page for it, and opens further sessions in the database: 600 requests a minute are allowed
 * to each.
 *
 * @throws Error if the sign-in is refused
 */
export async function signInOften({ ready, database }: Lab, sessions: number): Promise<Visitor[]> {
  const { user, password, totp } = ready.admin!
  const fields = { next: '/now', name: user, passphrase: password, code: codeAt(totp, Date.now()) }
  const answer = await fetch(`${ready.console}/sign-in`, {
    method: 'POST',
    redirect: 'manual',
    headers: { 'sec-fetch-site': 'same-origin' },
    body: new URLSearchParams(fields),
  })
  const cookie = answer.headers.get('set-cookie')?.split(';')[0]
  if (answer.status !== 303 || !cookie) throw new Error(`the sign-in was refused: ${answer.status}`)
  const visitors = [visitorOf(cookie)]
  const db = openDatabase(database.consoleUrl)
  try {
    const { id } = await db.selectFrom('user').select('id').where('name', '=', user).executeTakeFirstOrThrow()
    while (visitors.length < sessions) {
      const { secret } = await openSession(db, { user: id, address: '127.0.0.1', at: Date.now() })
      visitors.push(visitorOf(`consentry=${secret.reveal()}`))
    }
  } finally {
    await db.close()
  }
  return visitors
}

const visitorOf = (cookie: string): Visitor => ({ cookie, 'sec-fetch-site': 'same-origin' })
