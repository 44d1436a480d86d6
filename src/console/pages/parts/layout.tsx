import type { ComponentChildren } from 'preact'
import { type Deed, hasRight } from '../../../accounts/deeds.js'
import type { Actor, Role } from '../../../core/actor.js'
import { languages } from '../../../languages/languages.js'
import { VIEW_COOKIE, type View } from '../view.js'
import type { Words } from '../words/words.js'
import { Icon, Mark } from './icon.js'

/** The sections in the order of the rail, each with its address and the deed that its first page is. */
const SECTIONS = [
  ['now', '/now', 'now.read'],
  ['lines', '/lines', 'line.list'],
  ['prompts', '/prompts', 'prompt.list'],
  ['people', '/people', 'user.list'],
  ['system', '/system', 'system.read'],
  ['me', '/me', 'me.read'],
] as const satisfies readonly (readonly [string, string, Deed])[]

export type Section = (typeof SECTIONS)[number][0]

/** The frame of every page. */
export interface Frame {
  title: string
  view: View
  words: Words
  /** Lets this page's scripts and attributes act, and no others. */
  nonce: string
  /** File names by the names that pages use. */
  assets: Readonly<Record<string, string>>
  /** Scripts besides those that all pages have. */
  scripts: readonly string[]
}

/** The visitor of the page. */
export interface Visitor extends Pick<Actor, 'name' | 'way'> {
  roles: readonly Role[]
  /** True for a person with a session, who can sign out. */
  person: boolean
  company: string | undefined
}

/** A whole page in a section. Without a visitor it stands alone, as the sign-in does. */
export const Layout = ({
  frame,
  visitor,
  section,
  notice,
  children,
}: {
  frame: Frame
  visitor: Visitor | undefined
  section: Section | undefined
  /** The first task of the visitor, on every page. */
  notice?: ComponentChildren
  children: ComponentChildren
}) => (
  <html
    lang={frame.view.language}
    data-theme={frame.view.theme}
    data-view={VIEW_COOKIE}
    data-languages={languages().join(' ')}
  >
    <Head frame={frame} />
    <body class={visitor ? undefined : 'alone'}>
      <a class="skip" href="#content">
        {frame.words.skip}
      </a>
      {visitor && <Rail words={frame.words} visitor={visitor} section={section} />}
      <main id="content" tabIndex={-1}>
        {!visitor && <Brand />}
        {notice}
        {children}
      </main>
      {visitor && (
        <nav class="tabs" aria-label={frame.words.nav.label}>
          <Sections words={frame.words} visitor={visitor} section={section} />
        </nav>
      )}
      <Progress words={frame.words} />
    </body>
  </html>
)

/**
 * Settings of the script that exchanges parts (htmx). Without a delay it does not copy a `style` attribute from an old
 * element to a new one. A browser's tool may have left one, which the policy would refuse. A failure, or too many
 * requests, leave the editor as it is.
 */
const MOVEMENT = JSON.stringify({
  extensions: 'hx-csp',
  includeIndicatorCSS: false,
  defaultSettleDelay: 0,
  noSwap: [204, 304, 429, '5xx'],
})

/** The place of notices that the page waits, or that a request failed. */
const Progress = ({ words }: { words: Words }) => (
  <div id="progress" role="status" data-busy={words.busy} data-failed={words.failed} data-lost={words.lost} />
)

const Head = ({ frame: { title, nonce, assets, scripts } }: { frame: Frame }) => (
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="htmx-config" content={MOVEMENT} />
    <title>{`${title} · Consentry`}</title>
    <link rel="icon" href="data:," />
    <link rel="stylesheet" href={`/assets/${assets['console.css']}`} />
    {['movement.js', ...scripts].map(name => (
      <script key={name} src={`/assets/${assets[name]}`} nonce={nonce} defer />
    ))}
  </head>
)

const Brand = ({ company }: { company?: string | undefined }) => (
  <a class="brand" href="/now">
    <Mark />
    <span>
      Consentry
      {company && <small class="soft">{company}</small>}
    </span>
  </a>
)

/** The menu of a visitor, with the open section. */
interface MenuProps {
  words: Words
  visitor: Visitor
  section: Section | undefined
}

const Rail = ({ words, visitor, section }: MenuProps) => (
  <header class="rail">
    <Brand company={visitor.company} />
    <nav aria-label={words.nav.label}>
      <Sections words={words} visitor={visitor} section={section} />
    </nav>
    <div class="who">
      <a href="/me">
        <b>{visitor.name}</b>
        <br />
        <small class="soft">{visitor.roles.map(role => words.roles[role]).join(', ')}</small>
      </a>
      {visitor.person && (
        <form method="post" action="/sign-out">
          <button class="button bare" type="submit">
            {words.me.signOut}
          </button>
        </form>
      )}
    </div>
  </header>
)

const Sections = ({ words, visitor, section }: MenuProps) => (
  <ul>
    {SECTIONS.filter(([, , deed]) => hasRight(visitor, deed)).map(([name, address]) => (
      <li key={name}>
        <a class="section" href={address} aria-current={name === section ? 'page' : undefined}>
          <Icon name={name} />
          {words.nav[name]}
        </a>
      </li>
    ))}
  </ul>
)
