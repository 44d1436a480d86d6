import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { hasRight } from '../../accounts/deeds.js'
import { type Invitation, linkOf } from '../../accounts/invitations.js'
import { listUsers } from '../../accounts/users.js'
import { ROLES } from '../../core/actor.js'
import { dayOf } from '../../core/clock.js'
import { codeOf, errorText } from '../../core/errors.js'
import { access } from '../access.js'
import { Answer } from '../answer.js'
import { addForm } from '../deed-routes.js'
import type { AddRoutes, App, ConsoleDeps } from '../deps.js'
import { personOf } from '../guard.js'
import { needsProof } from '../proven.js'
import { userDeeds } from '../routes/users.js'
import { ShownSecrets } from '../shown-secrets.js'
import { pageFor, pageSchema } from './page.js'
import { chosen } from './parts/chosen.js'
import { LinkContent, PeopleContent, type PeopleQuery, type TypedOfPeople } from './people/people-content.js'

/** Pages of the people who sign in: who they are, inviting, roles, disabling, a new link. */
export const addPeoplePages: AddRoutes = (app, deps) => {
  const links = new ShownSecrets<Invitation>(deps.clock)
  addLinkPage(app, deps, links)
  addListPage(app, deps, links)
  addAccessForms(app, deps)
  addLinkAndTrainingForms(app, deps, links)
}

/** Leads to the link of an invitation. */
const toLink = (links: ShownSecrets<Invitation>, request: FastifyRequest, made: Invitation) =>
  Answer.seeOther(`/people/links/${links.keep(personOf(request), made)}`)

/** The page of the people. @param typed refused forms. @param query the filter of the list */
const peoplePage = async (
  deps: ConsoleDeps,
  request: FastifyRequest,
  typed: TypedOfPeople = {},
  query: PeopleQuery = {},
): Promise<Answer> => {
  const users = await listUsers(deps)
  const { actor } = request
  const mayChange = hasRight(actor!, 'user.change')
  const stale = await needsProof(deps, request, 'user.change')
  return pageFor(request, ({ words, view }) => ({
    title: words.people.title,
    section: 'people',
    status: typed.invitation || typed.training ? 422 : 200,
    body: (
      <PeopleContent
        {...{ users, words, view, mayChange, stale, query, own: actor!.name, ...typed }}
        today={dayOf(deps.clock.now())}
      />
    ),
  }))
}

/** The page of the link of an invitation. */
function addLinkPage(app: App, deps: ConsoleDeps, links: ShownSecrets<Invitation>): void {
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
}

/** The page of the people, and the form that invites one. */
function addListPage(app: App, deps: ConsoleDeps, links: ShownSecrets<Invitation>): void {
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
    request => peoplePage(deps, request, {}, request.query),
  )
  addForm(app, deps, userDeeds.invite, {
    ...{ path: '/people', summary: 'Adds a user, and shows the link' },
    own: { name: z.string().max(64) },
    answer: (made, _typed, request) => toLink(links, request, made),
    refused: (error, typed, request) => {
      if (codeOf(error) !== 'request.invalid') return undefined
      return peoplePage(deps, request, { invitation: { ...typed, wrong: errorText(error) } })
    },
  })
}

const toPeople = () => Answer.seeOther('/people')

/** The roles of a user, and whether the user may sign in. */
const addAccessForms: AddRoutes = (app, deps) => {
  addForm(app, deps, userDeeds.change, {
    ...{ path: '/people/:name/roles', summary: 'Changes the roles of a user' },
    ...{ own: { roles: userDeeds.change.takes.roles.unwrap() }, without: ['disabled'] },
    answer: toPeople,
  })
  for (const [step, summary] of [
    ['disable', 'Disables a user'],
    ['enable', 'Enables a user'],
  ] as const)
    addForm(app, deps, userDeeds.change, {
      ...{ path: `/people/:name/${step}`, summary, without: ['roles', 'seen', 'disabled'] },
      read: ({ name }) => ({ name, disabled: step === 'disable' }),
      answer: toPeople,
    })
}

/** A new link for a user, and the note of a training. */
function addLinkAndTrainingForms(app: App, deps: ConsoleDeps, links: ShownSecrets<Invitation>): void {
  addForm(app, deps, userDeeds.reset, {
    ...{ path: '/people/:name/reset', summary: 'Takes the access of a user away, and shows a new link' },
    answer: (made, _typed, request) => toLink(links, request, made),
  })
  addForm(app, deps, userDeeds.train, {
    ...{ path: '/people/:name/training', summary: 'Records that a user was trained' },
    own: { what: z.string().max(1_000), on: z.string().max(32) },
    answer: toPeople,
    refused: (error, typed, request) => {
      if (codeOf(error) !== 'request.invalid') return undefined
      return peoplePage(deps, request, { training: { ...typed, wrong: errorText(error) } })
    },
  })
}
