// Who may do what: the one table that pages, routes of the API, the console's guard and the deeds themselves read.

import { type Actor, ROLES, type Role } from '../core/actor.js'
import { AppError } from '../core/errors.js'
import { text } from '../core/message.js'

/** Who may do a deed. The command does every deed: its user can read the settings and the keys anyway. */
export interface Right {
  /** The roles that may do it. `anyone`: all visitors, before sign-in too. Empty: the command only. */
  roles: readonly Role[] | 'anyone'
  /** True if only a signed-in person may do it, and not a program with a token. */
  peopleOnly: boolean
  /** True if a person must have proved their identity within the last minutes. The command has no session to prove. */
  proof: boolean
}

/** Roles that change lines, prompts and people. */
const ADMINISTRATORS = ['administrator'] as const
/** Roles that read lines, drafts and prompts: all but operators, who see no content. */
const LINE_READERS = ['administrator', 'supervisor', 'auditor', 'privacy-officer'] as const
/** Roles that try a line and replay calls through it. */
const LINE_TRIERS = ['administrator', 'supervisor'] as const
/** Roles that read calls. */
const CALL_READERS = ['supervisor', 'auditor', 'privacy-officer'] as const
/** Roles that have the caller of a call asked in the middle of the conversation. */
const CALL_ASKERS = ['supervisor'] as const
/** Roles that see the people who sign in. */
const PEOPLE_READERS = ['administrator', 'auditor'] as const
/** Roles that see the parts of the system and the tokens. */
const SYSTEM_READERS = ['administrator', 'operator'] as const
/** Roles that see the setup: the company's name, and the purposes with keys. */
const SETUP_READERS = ['administrator', 'auditor'] as const

/** All visitors, before sign-in too. */
const anyone = { roles: 'anyone', peopleOnly: false, proof: false } as const
/** Only the command. */
const command = { roles: [], peopleOnly: false, proof: false } as const
/** People and programs with one of these roles. */
const may = <const Roles extends readonly Role[]>(roles: Roles) =>
  ({ roles, peopleOnly: false, proof: false }) as const
/** People with one of these roles who have signed in. */
const personMay = <const Roles extends readonly Role[]>(roles: Roles) =>
  ({ roles, peopleOnly: true, proof: false }) as const
/** People with one of these roles who have just proved their identity, because the session may be in other hands. */
const provenMay = <const Roles extends readonly Role[]>(roles: Roles) =>
  ({ roles, peopleOnly: true, proof: true }) as const

/** Who may do each deed. A deed's name is its subject and its verb, and the action of `console.requested`. */
export const DEEDS = {
  // Signing in, and invitations.
  'setup.ask': anyone,
  'setup.begin': anyone,
  'session.ask': anyone,
  'session.ask-passkey': anyone,
  'session.open': anyone,
  'session.open-passkey': anyone,
  'invitation.ask': anyone,
  'invitation.begin': anyone,
  'invitation.begin-passkey': anyone,
  'invitation.show': anyone,
  'invitation.show-recovery-codes': anyone,
  'invitation.accept': anyone,
  'invitation.accept-passkey': anyone,

  // The own account and the own sessions.
  'page.first': may(ROLES),
  'now.read': may(ROLES),
  // Programs do not get parts of a page.
  'now.follow': personMay(ROLES),
  'api.read': may(ROLES),
  'me.read': may(ROLES),
  'me.view': may(ROLES),
  'me.prove': personMay(ROLES),
  'me.begin-passkey-proof': personMay(ROLES),
  'me.prove-by-passkey': personMay(ROLES),
  'me.change-passphrase': provenMay(ROLES),
  'me.begin-second-factor': provenMay(ROLES),
  'me.show-second-factor': provenMay(ROLES),
  'me.change-second-factor': provenMay(ROLES),
  'me.count-recovery-codes': personMay(ROLES),
  'me.show-recovery-codes': personMay(ROLES),
  'me.renew-recovery-codes': provenMay(ROLES),
  'me.list-passkeys': personMay(ROLES),
  'me.begin-passkey': provenMay(ROLES),
  'me.add-passkey': provenMay(ROLES),
  'me.remove-passkey': provenMay(ROLES),
  'session.end': personMay(ROLES),
  'session.list': personMay(ROLES),
  'session.end-others': provenMay(ROLES),
  // The proof is needed for another session of one's own only.
  'session.revoke': provenMay(ROLES),

  // People, and the rules that they acknowledge. A token that changes people could outlive its end, and so could a
  // stranger at an open browser who makes a user.
  'user.list': may(PEOPLE_READERS),
  'user.invite': provenMay(ADMINISTRATORS),
  'user.show-link': personMay(ADMINISTRATORS),
  'user.change': provenMay(ADMINISTRATORS),
  'user.reset': provenMay(ADMINISTRATORS),
  'user.show-sessions': personMay(ADMINISTRATORS),
  'user.end-session': personMay(ADMINISTRATORS),
  'training.record': personMay(ADMINISTRATORS),
  'rules.read': personMay(ROLES),
  'rules.acknowledge': personMay(ROLES),
  'rules.list': may(PEOPLE_READERS),
  'rules.publish': provenMay(ADMINISTRATORS),
  'token.list': may(SYSTEM_READERS),
  // A token that could add tokens would never end.
  'token.add': command,
  'token.revoke': command,

  // Calls.
  'call.list': may(CALL_READERS),
  'call.read': may(CALL_READERS),
  'call.ask': may(CALL_ASKERS),

  // Lines, their drafts and their groups.
  'line.list': may(LINE_READERS),
  'line.read': may(LINE_READERS),
  'line.versions': may(LINE_READERS),
  'line.explain': may(LINE_READERS),
  'line.unknown': may(LINE_READERS),
  'line.try': may(LINE_TRIERS),
  'line.replay': may(LINE_TRIERS),
  'line.set': may(ADMINISTRATORS),
  'line.restore': may(ADMINISTRATORS),
  'draft.list': may(LINE_READERS),
  'draft.read': may(LINE_READERS),
  'draft.begin': may(ADMINISTRATORS),
  'draft.change': may(ADMINISTRATORS),
  'draft.discard': may(ADMINISTRATORS),
  'draft.rebase': may(ADMINISTRATORS),
  'draft.request-approval': may(ADMINISTRATORS),
  'draft.approve': personMay(ADMINISTRATORS),
  'draft.refuse': personMay(ADMINISTRATORS),
  'draft.publish': may(ADMINISTRATORS),
  'draft.schedule': may(ADMINISTRATORS),
  'draft.cancel-schedule': may(ADMINISTRATORS),
  'draft.ring': may(ADMINISTRATORS),
  'ring-endpoint.list': may(ADMINISTRATORS),
  'line-group.list': may(LINE_READERS),
  'line-group.read': may(LINE_READERS),
  'line-group.preview': may(ADMINISTRATORS),
  'line-group.set': may(ADMINISTRATORS),
  'line-group.propose': may(ADMINISTRATORS),
  'line-group.approve': personMay(ADMINISTRATORS),
  'line-group.refuse': personMay(ADMINISTRATORS),
  'line-group.withdraw': may(ADMINISTRATORS),

  // Prompts.
  'prompt.list': may(LINE_READERS),
  'prompt.read': may(LINE_READERS),
  'prompt.hear': may(LINE_READERS),
  'voice.list': may(LINE_READERS),
  'prompt.begin': may(ADMINISTRATORS),
  'prompt.say': may(ADMINISTRATORS),
  'prompt.add': may(ADMINISTRATORS),
  'prompt.record': may(ADMINISTRATORS),
  'prompt.publish': may(ADMINISTRATORS),
  'prompt.withdraw': may(ADMINISTRATORS),
  'prompt.discard': may(ADMINISTRATORS),
  'prompt.propose': may(ADMINISTRATORS),
  'prompt.approve': personMay(ADMINISTRATORS),
  'prompt.refuse': personMay(ADMINISTRATORS),
  'prompt.withdraw-proposal': may(ADMINISTRATORS),

  // The installation.
  'company.read': may(SETUP_READERS),
  'company.set': may(ADMINISTRATORS),
  'company.speak': may(ADMINISTRATORS),
  'company.trial': may(ADMINISTRATORS),
  'recipient.list': may(SETUP_READERS),
  'recipient.add': provenMay(ADMINISTRATORS),
  'pbx.read': may(SYSTEM_READERS),
  'system.read': may(SYSTEM_READERS),
  'line.probe': command,
  'log.rotate-key': command,

  // Recordings and the data of a person, for which one needs the keys and the stores of the host.
  'recording.destroy': command,
  'key.rotate': command,
  'hold.add': command,
  'hold.remove': command,
  'purge.run': command,
  'person.find': command,
  'person.export': command,
  'person.correct': command,
  'person.block': command,
  'person.unblock': command,
  'person.erase': command,
  'request.open': command,
  'request.close': command,
  'incident.open': command,
  'incident.close': command,
} as const satisfies Readonly<Record<string, Right>>

/** The name of a deed. */
export type Deed = keyof typeof DEEDS
/** The deeds that need a fresh proof. */
export type ProvenDeed = {
  [Name in Deed]: (typeof DEEDS)[Name]['proof'] extends true ? Name : never
}[Deed]

/** What decides whether an actor may do a deed. */
type Asking = Pick<Actor, 'way' | 'roles'>

/**
 * Requires the right to a deed. Each deed calls it first, so that no other way to the deed avoids it. The guard of the
 * console calls it before it reads the request's body.
 *
 * @throws AppError `person.required` for a program, `role.required` for an actor without one of the roles
 */
export function requireRight(actor: Asking, deed: Deed): void {
  const refusal = refusalOf(actor, deed)
  if (refusal) throw refusal
}

/** True if an actor may do a deed. Pages show only what their visitor may do. */
export const hasRight = (actor: Asking, deed: Deed): boolean => refusalOf(actor, deed) === undefined

function refusalOf({ way, roles }: Asking, deed: Deed): AppError | undefined {
  const right: Right = DEEDS[deed]
  if (right.roles === 'anyone' || (way === 'command' && roles.includes('superuser'))) return undefined
  if (right.roles.length === 0)
    return new AppError('role.required', 'Only the command consentry does this, on the host of the service.')
  if (right.peopleOnly && way === 'token')
    return new AppError('person.required', 'Only a person who has signed in may do this, and no token.')
  if (right.roles.some(role => roles.includes(role))) return undefined
  return new AppError('role.required', text`One of these roles is needed: ${right.roles.join(', ')}.`)
}
