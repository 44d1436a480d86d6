import { z } from 'zod'
import {
  acknowledgedAt,
  acknowledgeRules,
  currentRules,
  listRules,
  publishRules,
} from '../../accounts/rules.js'
import { mayHear } from '../../accounts/training.js'
import { access } from '../access.js'
import type { AddRoutes } from '../deps.js'
import { personOf } from '../guard.js'
import { refusals } from '../problem.js'

const time = z.iso.datetime()
const version = z.string().regex(/^[0-9a-f]{64}$/)

/** The rules that people acknowledge before they may hear recordings. */
export const addRulesRoutes: AddRoutes = (app, deps) => {
  addReadRoutes(app, deps)
  addChangeRoutes(app, deps)
}

/** The rules in force, and their earlier versions. */
const addReadRoutes: AddRoutes = (app, deps) => {
  app.get(
    '/rules',
    {
      config: access('rules.read'),
      schema: {
        summary: 'The rules in force, and whether the requester may hear recordings',
        response: {
          200: z.object({
            rules: z
              .object({ version, text: z.string(), publishedAt: time, publishedBy: z.string() })
              .nullable()
              .describe('Null: none are published yet'),
            acknowledgedAt: time.nullable(),
            mayHear: z.boolean(),
            reason: z.string().nullable().describe('What to do first'),
          }),
          ...refusals,
        },
      },
    },
    async request => {
      const person = personOf(request)
      const rules = await currentRules(deps)
      const hearing = await mayHear(deps, person)
      return {
        rules: rules ?? null,
        acknowledgedAt: rules ? await acknowledgedAt(deps, person, rules.version) : null,
        mayHear: hearing.may,
        reason: hearing.may ? null : hearing.reason,
      }
    },
  )
  app.get(
    '/rules/versions',
    {
      config: access('rules.list'),
      schema: {
        summary: 'All versions of the rules, the latest first',
        response: {
          200: z.array(
            z.object({
              ...{ version, text: z.string(), publishedAt: time, publishedBy: z.string() },
              acknowledged: z.int().describe('How many people have acknowledged it'),
              inForce: z.boolean(),
            }),
          ),
          ...refusals,
        },
      },
    },
    () => listRules(deps),
  )
}

/** Publishing rules, and acknowledging them. */
const addChangeRoutes: AddRoutes = (app, deps) => {
  app.post(
    '/rules',
    {
      config: access('rules.publish'),
      schema: {
        summary: 'Puts rules into force, to be acknowledged again',
        body: z.strictObject({ text: z.string().min(1).max(25_000) }),
        response: { 201: z.object({ version }), ...refusals },
      },
    },
    async request => ({ version: await publishRules(deps, personOf(request), request.body.text) }),
  )
  app.post(
    '/rules/acknowledge',
    {
      config: access('rules.acknowledge'),
      schema: {
        summary: 'Acknowledges the rules',
        body: z.strictObject({ version }),
        response: { 201: z.object({ version }), ...refusals },
      },
    },
    async request => {
      await acknowledgeRules(deps, personOf(request), request.body.version)
      return request.body
    },
  )
}
