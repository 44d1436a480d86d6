import { z } from 'zod'
import { ROLES } from '../../shared/actor.js'
import { access } from '../access.js'
import { Answer } from '../answer.js'
import type { AddRoutes } from '../deps.js'
import { ViewForm } from './me/view-form.js'
import { pageFor, pageSchema } from './page.js'
import { viewCookie, zoneOf } from './view.js'

/** What a person sets for themselves: language, theme, time zone. */
export const addMePages: AddRoutes = app => {
  app.get('/me', { config: access('me.read', ROLES), schema: pageSchema('The visitor') }, async request =>
    pageFor(request, ({ words, view }) => ({
      title: words.me.title,
      section: 'me',
      body: (
        <>
          <div class="head">
            <h1>{words.me.title}</h1>
          </div>
          <ViewForm words={words} view={view} />
        </>
      ),
    })),
  )
  app.post(
    '/me/view',
    {
      config: access('me.view', ROLES),
      schema: {
        ...pageSchema('Sets language, theme and time zone of the pages'),
        body: z.strictObject({
          language: z.enum(['ru', 'en']),
          theme: z.enum(['system', 'light', 'dark']),
          zone: z.string().max(64),
        }),
      },
    },
    async ({ body: { language, theme, zone } }) =>
      Answer.seeOther('/me', {
        'set-cookie': viewCookie({
          language,
          theme: theme === 'system' ? undefined : theme,
          zone: zoneOf(zone),
        }),
      }),
  )
}
