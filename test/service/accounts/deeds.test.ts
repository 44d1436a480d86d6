// Real: the deeds; PostgreSQL with the console's role for the proofs. Fake: none. Where only the right is asked, a deed
// gets no parts at all: it must refuse before it needs one.
import t from 'tap'
import type { PersonActor } from '../../../src/accounts/account-deps.js'
import { DEEDS, type Deed, hasRight, type Right, requireRight } from '../../../src/accounts/deeds.js'
import { inviteUser, resetUser } from '../../../src/accounts/invitations.js'
import { changePassphrase, renewRecoveryCodes } from '../../../src/accounts/own-account.js'
import { beginPasskeyProof, proveByPasskey } from '../../../src/accounts/passkey-proof.js'
import { addPasskey, beginPasskey, removePasskey } from '../../../src/accounts/passkeys.js'
import { prove } from '../../../src/accounts/proof.js'
import {
  beginSecondFactor,
  nextSecondFactor,
  replaceSecondFactor,
} from '../../../src/accounts/replace-second-factor.js'
import { acknowledgeRules, publishRules } from '../../../src/accounts/rules.js'
import {
  endOtherSessions,
  listSessions,
  openSession,
  revokeSession,
  signOut,
} from '../../../src/accounts/sessions.js'
import { addToken, revokeToken } from '../../../src/accounts/tokens.js'
import { recordTraining } from '../../../src/accounts/training.js'
import { changeRoles, disableUser, enableUser } from '../../../src/accounts/users.js'
import { type Actor, ROLES } from '../../../src/core/actor.js'
import { codeOf } from '../../../src/core/errors.js'
import { changeLines } from '../../../src/lines/change-lines.js'
import { approveDraft, refuseDraft, requestApproval } from '../../../src/lines/drafts/approve-draft.js'
import { beginLine, copyLine } from '../../../src/lines/drafts/begin-line.js'
import {
  beginDraft,
  beginDraftOnce,
  beginFromVersion,
  changeDraft,
  discardDraft,
  rebaseDraft,
} from '../../../src/lines/drafts/edit-draft.js'
import { publishDraft } from '../../../src/lines/drafts/publish-draft.js'
import { cancelSchedule, scheduleDraft } from '../../../src/lines/drafts/schedule-draft.js'
import { changeGroup } from '../../../src/lines/groups.js'
import { restoreVersion } from '../../../src/lines/line-versions.js'
import { changeCompany } from '../../../src/lines/prompts/company.js'
import { addPrompt, sayPrompt } from '../../../src/lines/prompts/make-prompts.js'
import { nameCompany } from '../../../src/lines/prompts/name-company.js'
import {
  approvePrompt,
  proposePrompt,
  refusePrompt,
  withdrawPromptProposal,
} from '../../../src/lines/prompts/propose-prompt.js'
import { discardPrompt, publishPrompt, withdrawPrompt } from '../../../src/lines/prompts/publish-prompts.js'
import { recordPrompt } from '../../../src/lines/prompts/record-prompt.js'
import { publishSpoken, speakLine } from '../../../src/lines/prompts/speak-line.js'
import {
  approveGroup,
  proposeGroup,
  refuseProposal,
  withdrawProposal,
} from '../../../src/lines/propose-group.js'
import { ringDraft } from '../../../src/lines/ring-draft.js'
import { rotateKeyOfLog } from '../../../src/log/rotate-key.js'
import { rotateKeys } from '../../../src/recordings/keys/rotate-keys.js'
import { addHold, removeHold } from '../../../src/recordings/retain/manage-holds.js'
import { purge } from '../../../src/recordings/retain/purge.js'
import { blockPerson, unblockPerson } from '../../../src/rights/block-person.js'
import { findPerson } from '../../../src/rights/collect-person.js'
import { correctPerson } from '../../../src/rights/correct-person.js'
import { destroyRecording } from '../../../src/rights/destroy-recording.js'
import { erasePerson } from '../../../src/rights/erase-person.js'
import { exportPerson } from '../../../src/rights/export-person.js'
import { closeIncident, openIncident } from '../../../src/rights/incidents.js'
import { closeRequest, openRequest } from '../../../src/rights/requests.js'
import { probeLine } from '../../../src/site/probe/probe-and-journal.js'
import { changeTrial } from '../../../src/site/progress.js'
import { extendKey, giveKey } from '../../../src/site/recipients.js'
import { askInCall } from '../../../src/socket/ask-in-call.js'
import { person } from '../../support/data/actors.js'
import { testConsole } from '../../support/processes/console.js'

/** A function that does a deed. */
type Doing = (deps: never, actor: never, ...request: never[]) => unknown
/** Gives the actor as a field of the request, as these functions take it. */
const inRequest =
  (doing: (deps: never, request: never, more: never) => unknown): Doing =>
  (deps, actor, ...more) =>
    doing(deps, { ...(more[0] as object | undefined), actor } as never, {} as never)

/** Only the guard of the console decides: what the route does takes no actor, or anyone may do it. */
const BY_GUARD: readonly Doing[] = []

/** The functions that do each deed. A deed that is new in the table must be named here. */
const functions: Record<Deed, readonly Doing[]> = {
  'setup.ask': BY_GUARD,
  'setup.begin': BY_GUARD,
  'session.ask': BY_GUARD,
  'session.ask-passkey': BY_GUARD,
  'session.open': BY_GUARD,
  'session.open-passkey': BY_GUARD,
  'invitation.ask': BY_GUARD,
  'invitation.begin': BY_GUARD,
  'invitation.begin-passkey': BY_GUARD,
  'invitation.show': BY_GUARD,
  'invitation.show-recovery-codes': BY_GUARD,
  'invitation.accept': BY_GUARD,
  'invitation.accept-passkey': BY_GUARD,
  'page.first': BY_GUARD,
  'now.read': BY_GUARD,
  'now.follow': BY_GUARD,
  'api.read': BY_GUARD,
  'me.read': BY_GUARD,
  'me.view': BY_GUARD,
  'me.prove': [inRequest(prove)],
  'me.begin-passkey-proof': [beginPasskeyProof],
  'me.prove-by-passkey': [inRequest(proveByPasskey)],
  'me.change-passphrase': [inRequest(changePassphrase)],
  'me.begin-second-factor': [beginSecondFactor],
  'me.show-second-factor': [nextSecondFactor],
  'me.change-second-factor': [replaceSecondFactor],
  'me.count-recovery-codes': BY_GUARD,
  'me.show-recovery-codes': BY_GUARD,
  'me.renew-recovery-codes': [renewRecoveryCodes],
  'me.list-passkeys': BY_GUARD,
  'me.begin-passkey': [beginPasskey],
  'me.add-passkey': [addPasskey],
  'me.remove-passkey': [removePasskey],
  'session.end': [signOut],
  'session.list': [listSessions],
  'session.end-others': [endOtherSessions],
  'session.revoke': [revokeSession],
  'user.list': BY_GUARD,
  'user.invite': [inviteUser],
  'user.show-link': BY_GUARD,
  'user.change': [changeRoles, disableUser, enableUser],
  'user.reset': [resetUser],
  'user.show-sessions': BY_GUARD,
  'user.end-session': BY_GUARD,
  'training.record': [recordTraining],
  'rules.read': BY_GUARD,
  'rules.acknowledge': [acknowledgeRules],
  'rules.list': BY_GUARD,
  'rules.publish': [publishRules],
  'token.list': BY_GUARD,
  'token.add': [addToken],
  'token.revoke': [revokeToken],
  'call.list': BY_GUARD,
  'call.read': BY_GUARD,
  'call.ask': [askInCall],
  'line.list': BY_GUARD,
  'line.read': BY_GUARD,
  'line.versions': BY_GUARD,
  'line.explain': BY_GUARD,
  'line.unknown': BY_GUARD,
  'line.try': BY_GUARD,
  'line.replay': BY_GUARD,
  'line.set': [changeLines],
  'line.restore': [restoreVersion],
  'line.probe': [probeLine],
  'draft.list': BY_GUARD,
  'draft.read': BY_GUARD,
  'draft.begin': [beginDraft, beginDraftOnce, beginFromVersion, beginLine, copyLine],
  'draft.change': [changeDraft],
  'draft.discard': [discardDraft],
  'draft.rebase': [rebaseDraft],
  'draft.request-approval': [requestApproval],
  'draft.approve': [approveDraft],
  'draft.refuse': [refuseDraft],
  'draft.publish': [publishDraft],
  'draft.schedule': [scheduleDraft],
  'draft.cancel-schedule': [cancelSchedule],
  'draft.ring': [ringDraft],
  'ring-endpoint.list': BY_GUARD,
  'line-group.list': BY_GUARD,
  'line-group.read': BY_GUARD,
  'line-group.preview': BY_GUARD,
  'line-group.set': [changeGroup],
  'line-group.propose': [proposeGroup],
  'line-group.approve': [approveGroup],
  'line-group.refuse': [refuseProposal],
  'line-group.withdraw': [withdrawProposal],
  'prompt.list': BY_GUARD,
  'prompt.read': BY_GUARD,
  'prompt.hear': BY_GUARD,
  'voice.list': BY_GUARD,
  'prompt.begin': BY_GUARD,
  'prompt.say': [sayPrompt, speakLine],
  'prompt.add': [addPrompt],
  'prompt.record': [recordPrompt],
  'prompt.publish': [publishPrompt, publishSpoken],
  'prompt.withdraw': [withdrawPrompt],
  'prompt.discard': [discardPrompt],
  'prompt.propose': [proposePrompt],
  'prompt.approve': [approvePrompt],
  'prompt.refuse': [refusePrompt],
  'prompt.withdraw-proposal': [withdrawPromptProposal],
  'company.read': BY_GUARD,
  'company.set': [changeCompany],
  'company.speak': [nameCompany],
  'company.trial': [changeTrial],
  'recipient.list': BY_GUARD,
  'recipient.add': [giveKey, extendKey],
  'pbx.read': BY_GUARD,
  'system.read': BY_GUARD,
  'log.rotate-key': [rotateKeyOfLog],
  'recording.destroy': [destroyRecording],
  'key.rotate': [rotateKeys],
  'hold.add': [addHold],
  'hold.remove': [removeHold],
  'purge.run': [purge],
  'person.find': [findPerson],
  'person.export': [exportPerson],
  'person.correct': [correctPerson],
  'person.block': [blockPerson],
  'person.unblock': [unblockPerson],
  'person.erase': [erasePerson],
  'request.open': [openRequest],
  'request.close': [closeRequest],
  'incident.open': [openIncident],
  'incident.close': [closeIncident],
}

/** Every kind of actor: each role by a session and by a token, the command, and a user of the host without a right. */
const actors: Actor[] = [
  person('anna'),
  { name: 'guest', way: 'command', roles: [] },
  { name: 'crm', way: 'token', roles: ['superuser'] },
  ...ROLES.flatMap(role =>
    (['console', 'token'] as const).map(way => ({ name: `${role} by ${way}`, way, roles: [role] })),
  ),
]

/** Who is refused, and how, as the words of the table say it. */
function expected({ way, roles }: Actor, { roles: allowed, peopleOnly }: Right): string | undefined {
  if (way === 'command' && roles.includes('superuser')) return undefined
  if (allowed === 'anyone') return undefined
  if (peopleOnly && way === 'token') return 'person.required'
  return allowed.some(role => roles.includes(role)) ? undefined : 'role.required'
}

const REFUSALS: readonly (string | undefined)[] = ['person.required', 'role.required']
/** How a deed refuses an actor. Undefined: it goes on, and fails without its parts. */
async function refusalOf(doing: Doing, actor: Actor): Promise<string | undefined> {
  try {
    await doing({} as never, actor as never, {} as never, {} as never)
  } catch (error) {
    const code = codeOf(error)
    return REFUSALS.includes(code) ? code : undefined
  }
  return undefined
}

for (const [deed, doings] of Object.entries(functions) as [Deed, readonly Doing[]][])
  t.test(`${deed} is for those of whom the table says so`, async t => {
    for (const actor of actors) {
      const refused = expected(actor, DEEDS[deed])
      t.equal(hasRight(actor, deed), refused === undefined, actor.name)
      if (refused) t.throws(() => requireRight(actor, deed), { code: refused }, actor.name)
      for (const doing of doings) t.equal(await refusalOf(doing, actor), refused, actor.name)
    }
  })

t.test('what a second person decides is for no token, whatever its roles', async t => {
  const program: Actor = { name: 'crm', way: 'token', roles: ['superuser', ...ROLES] }
  for (const doing of [approveDraft, refuseDraft, approveGroup, refuseProposal, approvePrompt, refusePrompt])
    t.equal(await refusalOf(doing, program), 'person.required')
})

t.test('a deed that needs a fresh proof asks for one, and no other deed does', async t => {
  const { deps, people, asOwner } = await testConsole(t)
  const proven = async (age: string): Promise<PersonActor> => {
    const { actor } = await people('administrator')
    await asOwner.query(
      `UPDATE user_session SET proven_at = now() - interval '${age}' WHERE id = '${actor.session}'`,
    )
    return actor
  }
  const [stale, fresh] = [await proven('1 hour'), await proven('1 minute')]
  const other = await openSession(deps.db, { user: stale.user, address: '127.0.0.1', at: deps.clock.now() })
  const codeOfDeed = async (doing: Doing, actor: PersonActor, request: unknown) => {
    try {
      await doing({ db: deps.db, clock: deps.clock } as never, actor as never, request as never, {} as never)
    } catch (error) {
      return codeOf(error)
    }
    return undefined
  }
  for (const [deed, doings] of Object.entries(functions) as [Deed, readonly Doing[]][])
    for (const doing of doings) {
      const request = deed === 'session.revoke' ? other.id : {}
      const asked = (await codeOfDeed(doing, stale, request)) === 'proof.required'
      t.equal(asked, DEEDS[deed].proof, deed)
      if (asked) t.not(await codeOfDeed(doing, fresh, request), 'proof.required', deed)
    }
})
