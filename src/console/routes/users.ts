import { z } from 'zod'
import { type Invitation, inviteUser, linkOf, resetUser } from '../../accounts/invitations.js'
import { recordTraining } from '../../accounts/training.js'
import { changeRoles, disableUser, enableUser, listUsers } from '../../accounts/users.js'
import { ROLES } from '../../core/actor.js'
import { WRITABLE_TEXT } from '../../core/texts.js'
import { access } from '../access.js'
import type { AddRoutes } from '../deps.js'
import { personOf } from '../guard.js'
import { refusals } from '../problem.js'

const time = z.iso.datetime()
const name = z.string().min(1).max(64)
const roles = z.array(z.enum(ROLES))
const named = z.object({ name })
const what = z.string().min(1).max(500)
const training = z.object({ what, on: z.iso.date() })
const newTraining = z.strictObject({
  ...training.shape,
  what: what.regex(WRITABLE_TEXT, 'must not hold control characters'),
})

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
  app.post(
    '/users',
    {
      config: access('user.invite'),
      schema: {
        summary: 'Adds a user, and makes the link to get in',
        body: z.strictObject({ name, roles }),
        response: { 201: invitation, ...refusals },
      },
    },
    async request => shown(await inviteUser(deps, personOf(request), request.body)),
  )
  app.patch(
    '/users/:name',
    {
      config: access('user.change'),
      schema: {
        summary: 'Changes the roles of a user, disables or enables one',
        params: named,
        body: z
          .strictObject({ roles, disabled: z.boolean() })
          .partial()
          .refine(body => Object.keys(body).length === 1, 'give either roles or disabled'),
        response: { 200: named, ...refusals },
      },
    },
    async request => {
      const { name } = request.params
      const { roles, disabled } = request.body
      const person = personOf(request)
      if (roles) await changeRoles(deps, person, name, roles)
      else if (disabled) await disableUser(deps, person, name)
      else await enableUser(deps, person, name)
      return { name }
    },
  )
  app.post(
    '/users/:name/reset',
    {
      config: access('user.reset'),
      schema: {
        summary:
          'Takes passphrase, second factor, passkeys and sessions of a user away, and makes a new link',
        params: named,
        response: { 201: invitation, ...refusals },
      },
    },
    async request => shown(await resetUser(deps, personOf(request), request.params.name)),
  )
  app.post(
    '/users/:name/training',
    {
      config: access('training.record'),
      schema: {
        summary: 'Records that a user was trained',
        params: named,
        body: newTraining,
        response: { 201: training, ...refusals },
      },
    },
    async request => {
      await recordTraining(deps, personOf(request), request.params.name, request.body)
      return request.body
    },
  )
}
