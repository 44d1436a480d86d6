import type { ComponentChildren } from 'preact'
import type { TokenSummary } from '../../../accounts/tokens.js'
import type { Place, SystemFacts } from '../../../site/system.js'
import type { ServiceState } from '../../service-state.js'
import { Moment } from '../parts/moment.js'
import type { View } from '../view.js'
import type { Words } from '../words/words.js'

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
        <Tokens {...{ tokens, words, view }} />
      </div>
    </>
  )
}

/** The tokens of the API. */
const Tokens = ({
  tokens,
  words,
  words: { system },
  view,
}: Pick<SystemContentProps, 'tokens' | 'words' | 'view'>) => (
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
)

/** Versions of the parts, and the last maintenance runs. */
const Facts = ({
  facts,
  facts: { service, pbx, database },
  words,
  words: { system },
  view,
  version,
}: {
  facts: SystemFacts
  words: Words
  view: View
  version: string
}) => (
  <dl class="facts known apart">
    {service && (
      <Fact name={system.serviceVersion}>
        {service.version}
        {service.startedAt && (
          <>
            {system.since} <Moment at={service.startedAt} view={view} />
          </>
        )}
        {service.version !== version && <span class="tag silent">{system.otherVersion(version)}</span>}
      </Fact>
    )}
    {pbx && (
      <Fact name={system.pbx}>
        {pbx.version ? `Asterisk ${pbx.version}` : pbx.url}{' '}
        <span class={pbx.connected ? 'tag granted' : 'tag failed'}>
          {pbx.connected ? system.connected : system.notConnected}
        </span>
      </Fact>
    )}
    <Fact name={system.database}>PostgreSQL {database}</Fact>
    {service?.keeper && (
      <Fact name={system.keeper}>
        <span class={service.keeper.running ? 'tag granted' : 'tag failed'}>
          {service.keeper.running ? system.runs : system.runsNot}
        </span>{' '}
        {system.held(words.bytes(service.keeper.heldBytes))}
      </Fact>
    )}
    {service?.waiting !== undefined && (
      <Fact name={system.journal}>
        {service.waiting === 0 ? system.allStored : system.waiting(service.waiting)}
      </Fact>
    )}
    {service?.log && (
      <Fact name={system.log}>
        {service.log.size === 0 && !service.log.stopped ? system.noLog : system.logged(service.log.size)}{' '}
        {service.log.stopped && <span class="tag failed">{system.stopped}</span>}
      </Fact>
    )}
    <MaintenanceFacts {...{ facts, words, view }} />
  </dl>
)

/** The last runs of the deletion and of the audit. */
const MaintenanceFacts = ({
  facts: { purge, purgeRefused, audit },
  words: { system },
  view,
}: {
  facts: SystemFacts
  words: Words
  view: View
}) => (
  <>
    {' '}
    <Fact name={system.purge}>
      {purge ? (
        <>
          <Moment at={purge.at} view={view} />: {system.purged(purge.destroyed, purge.held, purge.failed)}
        </>
      ) : (
        system.never
      )}
      {purgeRefused && (
        <>
          <br />
          <span class="tag failed">{system.purgeRefused}</span> <Moment at={purgeRefused} view={view} />
        </>
      )}
    </Fact>
    <Fact name={system.audit}>
      {audit ? (
        <>
          <Moment at={audit.at} view={view} />: {system.audited(audit.recordings)}{' '}
          <span class={audit.faults === 0 ? 'tag granted' : 'tag failed'}>{system.faults(audit.faults)}</span>
        </>
      ) : (
        system.never
      )}
    </Fact>
  </>
)

const Fact = ({ name, children }: { name: string; children: ComponentChildren }) => (
  <>
    <dt>{name}</dt>
    <dd>{children}</dd>
  </>
)

/** Where recordings and keys are, and the free space there. */
const Places = ({ facts, words }: { facts: SystemFacts; words: Words }) => {
  const { system } = words
  const named = [...facts.stores, ...facts.keyStores].map(({ purpose }) => purpose)
  const reported = facts.service?.places?.map(({ purpose }) => purpose) ?? []
  const purposes = [...new Set([...reported, ...named])].filter(
    purpose => purpose !== null || reported.length === 0,
  )
  return (
    <section class="sheet">
      <h2>{system.places}</h2>
      <table class="table">
        <thead>
          <tr>
            <th scope="col">{system.purpose}</th>
            <th scope="col">{system.store}</th>
            <th scope="col">{system.room}</th>
            <th scope="col">{system.keyStore}</th>
          </tr>
        </thead>
        <tbody>
          {purposes.map(purpose => {
            const known = facts.service?.places?.find(place => place.purpose === purpose)
            return (
              <tr key={purpose}>
                <th scope="row">{purpose ?? system.allPurposes}</th>
                <td data-label={system.store}>
                  <Where places={facts.stores} purpose={purpose} works={known?.writable} words={words} />
                </td>
                <td data-label={system.room}>
                  <Room known={known} words={words} />
                </td>
                <td data-label={system.keyStore}>
                  <Where
                    places={facts.keyStores}
                    purpose={purpose}
                    works={known?.keysWritable}
                    words={words}
                  />
                </td>
              </tr>
            )
          })}
        </tbody>
      </table>
    </section>
  )
}

/** The free space of a place. */
const Room = ({
  known,
  words,
  words: { system },
}: {
  known: NonNullable<NonNullable<SystemFacts['service']>['places']>[number] | undefined
  words: Words
}) => (
  <>
    {' '}
    {known?.free != null && known.size ? (
      <>
        {system.free(words.bytes(known.free), words.bytes(known.size))}
        <meter
          min={0}
          max={known.size}
          low={known.size * 0.05}
          optimum={known.size}
          value={known.free}
          aria-label={system.room}
        />
      </>
    ) : (
      '–'
    )}
  </>
)

/** The place of a purpose, else the place for all purposes, one mirror per line. */
const Where = ({
  places,
  purpose,
  works,
  words: { system },
}: {
  places: readonly Place[]
  purpose: string | null
  works: boolean | undefined
  words: Words
}) => {
  const place = places.find(one => one.purpose === purpose) ?? places.find(one => one.purpose === null)
  return (
    <>
      {place?.where.split(',').map(one => (
        <div key={one}>
          <code>{one.replace(/^file:(\/\/)?/, '')}</code>
        </div>
      ))}
      {works !== undefined && (
        <span class={works ? 'tag granted' : 'tag failed'}>
          {works ? system.writable : system.notWritable}
        </span>
      )}
    </>
  )
}
