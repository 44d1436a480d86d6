import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { hasRight } from '../../accounts/deeds.js'
import { type Invitation, inviteUser, linkOf, resetUser } from '../../accounts/invitations.js'
import { recordTraining } from '../../accounts/training.js'
import { changeRoles, disableUser, enableUser, listUsers } from '../../accounts/users.js'
import { ROLES } from '../../core/actor.js'
import { dayOf } from '../../core/clock.js'
import { codeOf, errorText } from '../../core/errors.js'
import { access } from '../access.js'
import { Answer } from '../answer.js'
import type { AddRoutes } from '../deps.js'
import { personOf } from '../guard.js'
import { ShownSecrets } from '../shown-secrets.js'
import { pageFor, pageSchema } from './page.js'
import { chosen } from './parts/chosen.js'
import { LinkContent, PeopleContent, type PeopleQuery, type TypedOfPeople } from './people/people-content.js'

const params = z.object({ name: z.string().min(1).max(64) })
const someRoles = z.union([z.enum(ROLES).transform(role => [role]), z.array(z.enum(ROLES))])
/** The checkboxes of a form: no value, one, or several. */
const roles = someRoles.optional().transform(given => given ?? [])
const nothing = z.strictObject({})

/** Pages of the people who sign in: who they are, inviting, roles, disabling, a new link. */
export const addPeoplePages: AddRoutes = (app, deps) => {
  const links = new ShownSecrets<Invitation>(deps.clock)
  const toLink = (request: FastifyRequest, made: Invitation) =>
    Answer.seeOther(`/people/links/${links.keep(personOf(request), made)}`)
  const peoplePage = async (
    request: FastifyRequest,
    typed: TypedOfPeople = {},
    query: PeopleQuery = {},
  ): Promise<Answer> => {
    const users = await listUsers(deps)
    const { actor } = request
    const mayChange = hasRight(actor!, 'user.change')
    return pageFor(request, ({ words, view }) => ({
      title: words.people.title,
      section: 'people',
      status: typed.invitation || typed.training ? 422 : 200,
      body: (
        <PeopleContent
          {...{ users, words, view, mayChange, query, own: actor!.name, ...typed }}
          today={dayOf(deps.clock.now())}
        />
      ),
    }))
  }
  app.get(
    '/people/links/:link',
    {
      config: access('user.show-link'),
      schema: {
        ...pageSchema('The link of an invitation, once it is made'),
        params: z.object({ link: z.string().max(64) }),
      },
    },
    async request => {
      const made = links.show(personOf(request), request.params.link)
      return pageFor(request, ({ words, view }) => ({
        title: words.people.linkTitle,
        section: 'people',
        body: (
          <LinkContent
            {...{ name: made.name, link: linkOf(deps.config, made).reveal(), words, view }}
            until={made.expiresAt.toISOString()}
          />
        ),
      }))
    },
  )
  app.get(
    '/people',
    {
      config: access('user.list'),
      schema: {
        ...pageSchema('The people who sign in'),
        querystring: z.object({
          find: z.string().max(100).optional(),
          role: chosen(z.enum(ROLES)),
          state: chosen(z.enum(['active', 'invited', 'disabled'])),
        }),
      },
    },
    request => peoplePage(request, {}, request.query),
  )
  app.post(
    '/people',
    {
      config: access('user.invite'),
      schema: {
        ...pageSchema('Adds a user, and shows the link'),
        body: z.strictObject({ name: z.string().max(64), roles }),
      },
    },
    async request => {
      try {
        return toLink(request, await inviteUser(deps, personOf(request), request.body))
      } catch (error) {
        if (codeOf(error) !== 'request.invalid') throw error
        return peoplePage(request, { invitation: { ...request.body, wrong: errorText(error) } })
      }
    },
  )
  app.post(
    '/people/:name/roles',
    {
      config: access('user.change'),
      schema: {
        ...pageSchema('Changes the roles of a user'),
        params,
        body: z.strictObject({
          roles,
          seen: someRoles.optional().describe('The roles that the page showed'),
        }),
      },
    },
    async request => {
      const { roles, seen } = request.body
      await changeRoles(deps, personOf(request), request.params.name, roles, seen)
      return Answer.seeOther('/people')
    },
  )
  app.post(
    '/people/:name/disable',
    {
      config: access('user.change'),
      schema: { ...pageSchema('Disables a user'), params, body: nothing },
    },
    async request => {
      await disableUser(deps, personOf(request), request.params.name)
      return Answer.seeOther('/people')
    },
  )
  app.post(
    '/people/:name/enable',
    {
      config: access('user.change'),
      schema: { ...pageSchema('Enables a user'), params, body: nothing },
    },
    async request => {
      await enableUser(deps, personOf(request), request.params.name)
      return Answer.seeOther('/people')
    },
  )
  app.post(
    '/people/:name/reset',
    {
      config: access('user.reset'),
      schema: {
        ...pageSchema('Takes the access of a user away, and shows a new link'),
        params,
        body: nothing,
      },
    },
    async request => toLink(request, await resetUser(deps, personOf(request), request.params.name)),
  )
  app.post(
    '/people/:name/training',
    {
      config: access('training.record'),
      schema: {
        ...pageSchema('Records that a user was trained'),
        params,
        body: z.strictObject({ what: z.string().max(1_000), on: z.string().max(32) }),
      },
    },
    async request => {
      const { params, body } = request
      try {
        await recordTraining(deps, personOf(request), params.name, body)
      } catch (error) {
        if (codeOf(error) !== 'request.invalid') throw error
        return peoplePage(request, {
          training: { ...body, name: params.name, wrong: errorText(error) },
        })
      }
      return Answer.seeOther('/people')
    },
  )
}
