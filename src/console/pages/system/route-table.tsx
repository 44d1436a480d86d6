import { Fragment } from 'preact'
import type { Role } from '../../../core/actor.js'
import type { Words } from '../words/words.js'

/** The part of the API's description that the page shows. */
export interface Described {
  paths: Record<string, Record<string, { summary: string; 'x-roles': (Role | 'anyone')[] }>>
}

/** A path, which breaks before its slashes alone. */
const Path = ({ path }: { path: string }) => (
  <>
    {path.split(/(?=\/)/).map((part, i) => (
      <Fragment key={`${i} ${part}`}>
        <wbr />
        {part}
      </Fragment>
    ))}
  </>
)

/** Every route of the API: its effect, and its roles. */
export const RouteTable = ({ paths, words: { system, roles } }: Described & { words: Words }) => (
  <>
    <div class="head">
      <div>
        <p class="crumb">
          <a href="/system">{system.title}</a> / {system.api}
        </p>
        <h1>{system.api}</h1>
        <p class="lead">{system.apiLead}</p>
        <p>
          <a href="/api/v1/openapi.json">openapi.json</a>
        </p>
      </div>
    </div>
    <section class="sheet">
      <table class="table">
        <thead>
          <tr>
            <th scope="col">{system.route}</th>
            <th scope="col">{system.does}</th>
            <th scope="col">{system.who}</th>
          </tr>
        </thead>
        <tbody>
          {Object.entries(paths).flatMap(([path, methods]) =>
            Object.entries(methods).map(([method, route]) => (
              <tr key={`${method} ${path}`}>
                <td>
                  <code>
                    {method.toUpperCase()} <Path path={path} />
                  </code>
                </td>
                <td lang="en">{route.summary}</td>
                <td class="soft">
                  {route['x-roles'].map(role => (role === 'anyone' ? system.anyone : roles[role])).join(', ')}
                </td>
              </tr>
            )),
          )}
        </tbody>
      </table>
    </section>
  </>
)
