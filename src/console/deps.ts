import type { Server } from 'node:http'
import type {
  FastifyBaseLogger,
  FastifyInstance,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
} from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import type { Deps } from '../accounts/deps.js'
import type { FirstUser } from '../accounts/first-user.js'

/** The parts that the console needs. */
export interface ConsoleDeps extends Deps {
  /** Lets the first person in. Undefined if a user can sign in already. */
  firstUser?: FirstUser | undefined
}

/** The console's server. Route schemas give the types of its handlers' parameters. */
export type App = FastifyInstance<
  Server,
  RawRequestDefaultExpression<Server>,
  RawReplyDefaultExpression<Server>,
  FastifyBaseLogger,
  ZodTypeProvider
>

/** Adds the routes of one subject. */
export type AddRoutes = (app: App, deps: ConsoleDeps) => void
