import type { TokenSummary } from '../../../accounts/tokens.js'
import type { SystemFacts } from '../../../site/system.js'
import type { ServiceState } from '../../service-state.js'
import { Moment } from '../parts/moment.js'
import type { View } from '../view.js'
import type { Words } from '../words/words.js'
import { Facts, Places } from './facts.js'

export interface SystemContentProps {
  service: ServiceState
  facts: SystemFacts
  tokens: TokenSummary[]
  words: Words
  view: View
  version: string
}

/** The parts of the system, and the tokens of its API. */
export const SystemContent = ({ service, facts, tokens, words, view, version }: SystemContentProps) => {
  const { system } = words
  return (
    <>
      <div class="head">
        <div>
          <h1>{system.title}</h1>
          <p class="lead">Consentry {version}</p>
        </div>
        <p class="row">
          <a class="button" href="/setup/pbx">
            {words.setup.steps.label}
          </a>
          <a class="button" href="/system/api">
            {system.api}
          </a>
        </p>
      </div>
      <div class="stack">
        <section class="sheet">
          <h2>{system.service}</h2>
          {service.running ? (
            <ul class="row">
              {Object.entries(service.parts).map(([part, works]) => (
                <li key={part}>
                  <span class={works ? 'tag granted' : 'tag failed'}>{words.now.part(part)}</span>
                </li>
              ))}
            </ul>
          ) : (
            <p class="note wrong">{words.now.awayAdvice}</p>
          )}
          <Facts {...{ facts, words, view, version }} />
        </section>
        <Places facts={facts} words={words} />
        <section class="sheet">
          <h2>{system.tokens}</h2>
          {tokens.length === 0 ? (
            <p class="empty">{system.noTokens}</p>
          ) : (
            <table class="table">
              <thead>
                <tr>
                  <th scope="col">{system.token}</th>
                  <th scope="col">{system.tokenRoles}</th>
                  <th scope="col">{system.made}</th>
                  <th scope="col">{system.until}</th>
                </tr>
              </thead>
              <tbody>
                {tokens.map(({ name, roles, madeAt, madeBy, expiresAt }) => (
                  <tr key={name}>
                    <td>
                      <b>{name}</b>
                    </td>
                    <td data-label={system.tokenRoles}>{roles.map(role => words.roles[role]).join(', ')}</td>
                    <td data-label={system.made}>
                      <Moment at={madeAt} view={view} /> <span class="soft">{madeBy}</span>
                    </td>
                    <td data-label={system.until}>
                      {expiresAt ? <Moment at={expiresAt} view={view} /> : system.unlimited}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          )}
          <p class="faint">
            <small>{system.addToken}</small>{' '}
            <code>
              consentry token add NAME <span class="whole">--role ROLE</span>
            </code>
          </p>
        </section>
      </div>
    </>
  )
}
