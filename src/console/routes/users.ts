import { z } from 'zod'
import { type Invitation, inviteUser, linkOf, resetUser } from '../../accounts/invitations.js'
import { recordTraining } from '../../accounts/training.js'
import { changeRoles, disableUser, enableUser, listUsers } from '../../accounts/users.js'
import { ROLES } from '../../core/actor.js'
import { WRITABLE_TEXT } from '../../core/texts.js'
import { access } from '../access.js'
import { addApi, consoleDeed } from '../deed-routes.js'
import type { AddRoutes } from '../deps.js'
import { refusals } from '../problem.js'

const time = z.iso.datetime()
const name = z.string().min(1).max(64)
const roles = z.array(z.enum(ROLES))
const named = z.object({ name })
const what = z.string().min(1).max(500)
const training = z.object({ what, on: z.iso.date() })
const user = z.object({
  name,
  roles,
  state: z.enum(['active', 'invited', 'disabled']),
  madeAt: time,
  madeBy: z.string(),
  invitedUntil: time.nullable(),
  sessions: z.int(),
  acknowledgedAt: time.nullable().describe('When the rules in force were acknowledged'),
  training: training.nullable().describe('The latest one'),
  factors: z
    .object({ passphrase: z.boolean(), code: z.boolean(), passkeys: z.int() })
    .describe('By what the user signs in'),
})

const invitation = z.object({
  name,
  link: z.string().describe('Shown this once. It lets whoever has it set passphrase and second factor'),
  expiresAt: time,
})

/** Changes of the people who sign in, for programs and for the page of people. */
export const userDeeds = {
  invite: consoleDeed('user.invite', { name, roles }, inviteUser),
  change: consoleDeed(
    'user.change',
    {
      ...{ name, roles: roles.optional(), disabled: z.boolean().optional() },
      seen: roles.optional().describe('The roles that the page showed'),
    },
    (deps, person, { name, roles, disabled, seen }) => {
      if (roles) return changeRoles(deps, person, name, roles, seen)
      return disabled ? disableUser(deps, person, name) : enableUser(deps, person, name)
    },
  ),
  reset: consoleDeed('user.reset', { name }, (deps, person, { name }) => resetUser(deps, person, name)),
  train: consoleDeed(
    'training.record',
    {
      ...{ name, what: what.regex(WRITABLE_TEXT, 'must not hold control characters'), on: z.iso.date() },
    },
    (deps, person, { name, ...training }) => recordTraining(deps, person, name, training),
  ),
}

/**
 * The people who may sign in. Only a signed-in administrator changes them: a token with this right could outlive its
 * end.
 */
export const addUserRoutes: AddRoutes = (app, deps) => {
  const shown = (made: Invitation) => ({
    ...{ name: made.name, link: linkOf(deps.config, made).reveal() },
    expiresAt: made.expiresAt.toISOString(),
  })
  app.get(
    '/users',
    {
      config: access('user.list'),
      schema: {
        summary: 'Lists users',
        response: { 200: z.array(user), ...refusals },
      },
    },
    () => listUsers(deps),
  )
  addApi(app, deps, userDeeds.invite, {
    ...{ path: '/users', summary: 'Adds a user, and makes the link to get in' },
    response: { 201: invitation },
    answer: shown,
  })
  addApi(app, deps, userDeeds.change, {
    ...{ method: 'PATCH', path: '/users/:name' },
    summary: 'Changes the roles of a user, disables or enables one',
    body: z
      .strictObject({ roles, disabled: z.boolean() })
      .partial()
      .refine(body => Object.keys(body).length === 1, 'give either roles or disabled'),
    response: { 200: named },
    answer: (_done, { name }) => ({ name }),
  })
  addApi(app, deps, userDeeds.reset, {
    path: '/users/:name/reset',
    summary: 'Takes passphrase, second factor, passkeys and sessions of a user away, and makes a new link',
    response: { 201: invitation },
    answer: shown,
  })
  addApi(app, deps, userDeeds.train, {
    ...{ path: '/users/:name/training', summary: 'Records that a user was trained' },
    response: { 201: training },
    answer: (_done, { what, on }) => ({ what, on }),
  })
}
