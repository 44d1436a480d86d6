// The routes of a deed that programs do by the API and people by a form: one right, one schema, one function for both.

import type { FastifyRequest, FastifySchema } from 'fastify'
import { z } from 'zod'
import type { PersonActor } from '../accounts/account-deps.js'
import { DEEDS, type Deed } from '../accounts/deeds.js'
import { access } from './access.js'
import type { Answer } from './answer.js'
import type { App, ConsoleDeps } from './deps.js'
import { personOf, type Requester } from './guard.js'
import { pageSchema } from './pages/page.js'
import { refusals } from './problem.js'

type Values<Shape extends z.ZodRawShape> = z.output<z.ZodObject<Shape>>

/** Who does a deed: a person, if only people may. */
type DoerOf<Name extends Deed> = (typeof DEEDS)[Name]['peopleOnly'] extends true ? PersonActor : Requester

/** A deed, the fields that it takes, and the function that does it. */
export interface ConsoleDeed<Shape extends z.ZodRawShape, Done> {
  name: Deed
  takes: Shape
  run(deps: ConsoleDeps, request: FastifyRequest, wanted: Values<Shape>): Promise<Done>
}

/** Defines a deed of the console. @param work does it for an actor who has the right */
export const consoleDeed = <const Name extends Deed, Shape extends z.ZodRawShape, Done>(
  name: Name,
  takes: Shape,
  work: (deps: ConsoleDeps, actor: DoerOf<Name>, wanted: Values<Shape>, address: string) => Promise<Done>,
): ConsoleDeed<Shape, Done> => ({
  name,
  takes,
  run: (deps, request, wanted) => {
    const doer = DEEDS[name].peopleOnly ? personOf(request) : request.actor!
    return work(deps, doer as DoerOf<Name>, wanted, request.ip)
  },
})

/** Parts of a request as its schemas have parsed them. */
interface Parsed {
  params: object
  query: object
  body: unknown
}

/** How programs do a deed. */
interface ApiWay<Wanted, Done, Response extends z.ZodType> {
  /** `POST` by default. A `DELETE` takes the fields that its path lacks from the query. */
  method?: 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  path: string
  summary: string
  /** The schema of the answer, by its status. */
  response: Readonly<Record<number, Response>>
  answer(done: Done, wanted: Wanted): z.input<Response> | Promise<z.input<Response>>
  /** Schema of a body that is not an object of the deed's fields. */
  body?: z.ZodType
  query?: z.ZodObject
  /** Makes the deed's fields of the parts. By default they are their fields. */
  read?(parsed: Parsed): Wanted
  handlerMs?: number
}

/** Adds the route of the API to a deed. */
export function addApi<Shape extends z.ZodRawShape, Done, Response extends z.ZodType>(
  app: App,
  deps: ConsoleDeps,
  deed: ConsoleDeed<Shape, Done>,
  way: ApiWay<Values<Shape>, Done, Response>,
): void {
  const { method = 'POST', path, summary, response, read, handlerMs } = way
  const { params, rest } = partsOf(deed.takes, path)
  const isEmpty = Object.keys(rest).length === 0
  const query = way.query ?? (method === 'DELETE' && !isEmpty ? z.strictObject(asTyped(rest)) : undefined)
  const body = way.body ?? (method === 'DELETE' || isEmpty ? undefined : bodyOf(rest))
  app.route({
    method,
    url: path,
    config: { ...access(deed.name), ...(handlerMs !== undefined && { handlerMs }) },
    schema: {
      summary,
      ...(params && { params }),
      ...(query && { querystring: query }),
      ...(body && { body }),
      response: { ...response, ...refusals },
    } as FastifySchema,
    handler: async request => {
      const parsed = request as Parsed
      const wanted = read ? read(parsed) : ({ ...allFields(parsed) } as Values<Shape>)
      return way.answer(await deed.run(deps, request, wanted), wanted)
    },
  })
}

/** The fields of a form: those of the deed, and those that the form has of its own or in another form. */
type Typed<Shape extends z.ZodRawShape, Own extends z.ZodRawShape, Without extends keyof Shape> = Omit<
  Values<Shape>,
  keyof Own | Without
> &
  Values<Own>

/** How people do a deed on a page. */
interface FormWay<Shape extends z.ZodRawShape, Done, Own extends z.ZodRawShape, Without extends keyof Shape> {
  path: string
  summary: string
  /** Fields that the deed does not take, or that are typed in another form than programs send. */
  own?: Own
  /** Fields of the deed that the form lacks. `read` makes them. */
  without?: readonly Without[]
  /** Makes the deed's fields of the typed ones. By default they are the same. */
  read?(typed: Typed<Shape, Own, Without>, request: FastifyRequest): Values<Shape>
  answer(done: Done, typed: Typed<Shape, Own, Without>, request: FastifyRequest): Answer | Promise<Answer>
  /** Shows a refusal on the page of the form. Undefined: the error has a page of its own. */
  refused?(
    error: unknown,
    typed: Typed<Shape, Own, Without>,
    request: FastifyRequest,
  ): Answer | undefined | Promise<Answer | undefined>
  bodyLimit?: number
  handlerMs?: number
}

/** Adds the form of a page to a deed. */
export function addForm<
  Shape extends z.ZodRawShape,
  Done,
  Own extends z.ZodRawShape = Record<never, never>,
  Without extends keyof Shape = never,
>(
  app: App,
  deps: ConsoleDeps,
  deed: ConsoleDeed<Shape, Done>,
  way: FormWay<Shape, Done, Own, Without>,
): void {
  const { path, summary, own, without = [], read, bodyLimit, handlerMs } = way
  const { params, rest } = partsOf(deed.takes, path)
  const fields = Object.entries(asTyped(rest)).filter(([name]) => !without.includes(name as Without))
  app.route({
    method: 'POST',
    url: path,
    ...(bodyLimit !== undefined && { bodyLimit }),
    config: { ...access(deed.name), ...(handlerMs !== undefined && { handlerMs }) },
    schema: {
      ...pageSchema(summary),
      ...(params && { params }),
      body: bodyOf({ ...Object.fromEntries(fields), ...asTyped(own ?? {}) }),
    },
    handler: async request => {
      const typed = allFields(request as Parsed) as Typed<Shape, Own, Without>
      let done: Done
      try {
        const wanted = read ? read(typed, request) : (fieldsIn(typed, deed.takes) as Values<Shape>)
        done = await deed.run(deps, request, wanted)
      } catch (error) {
        const shown = await way.refused?.(error, typed, request)
        if (!shown) throw error
        return shown
      }
      return way.answer(done, typed, request)
    },
  })
}

/** Divides the fields of a deed into those that the path of a route has and the others. */
function partsOf(takes: z.ZodRawShape, path: string): { params?: z.ZodObject; rest: z.ZodRawShape } {
  const named = new Set(Array.from(path.matchAll(/:(\w+)/g), ([, name]) => name))
  const [inPath, rest] = [true, false].map(wanted =>
    Object.fromEntries(Object.entries(takes).filter(([name]) => named.has(name) === wanted)),
  )
  return { ...(named.size > 0 && { params: z.object(asTyped(inPath!)) }), rest: rest! }
}

/** The schema of a body with these fields. A body whose fields may all be left out may itself be left out. */
function bodyOf(shape: z.ZodRawShape): z.ZodType {
  const body = z.strictObject(shape)
  return body.safeParse({}).success ? body.optional() : body
}

/** Schemas of the same fields as text: as a form, a path and a query have them. */
const asTyped = (shape: z.ZodRawShape): z.ZodRawShape =>
  Object.fromEntries(Object.entries(shape).map(([name, one]) => [name, typedSchema(one as z.ZodType)]))

function typedSchema(one: z.ZodType): z.ZodType {
  if (one instanceof z.ZodOptional || one instanceof z.ZodExactOptional) {
    const inner = one.unwrap() as z.ZodType
    return (inner instanceof z.ZodArray ? oneOrSeveral(inner) : typedSchema(inner)).optional()
  }
  if (one instanceof z.ZodNumber) return one.clone({ ...one.def, coerce: true } as typeof one.def)
  if (!(one instanceof z.ZodArray)) return one
  // Checkboxes of which none is set are not sent.
  return oneOrSeveral(one)
    .optional()
    .transform(given => given ?? [])
}

/** The schema of a list whose only value is sent without a list. */
const oneOrSeveral = (list: z.ZodArray): z.ZodType =>
  z.union([(list.element as z.ZodType).transform(value => [value]), list])

const allFields = ({ params, query, body }: Parsed): object => ({ ...params, ...query, ...(body as object) })

const fieldsIn = (typed: object, shape: z.ZodRawShape): object =>
  Object.fromEntries(Object.entries(typed).filter(([name]) => Object.hasOwn(shape, name)))
