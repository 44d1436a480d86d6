import type { PbxReport } from '../../../site/pbx.js'
import { Icon } from '../parts/icon.js'
import { Moment } from '../parts/moment.js'
import type { View } from '../view.js'
import type { Words } from '../words/words.js'

export interface PbxContentProps {
  /** Undefined if the service does not answer. */
  report: PbxReport | undefined
  /** The number of a line, for the example. */
  number: string
  words: Words
  view: View
}

/** The service's facts about the PBX, each with advice if it is missing, and the lines to paste. */
export const PbxContent = ({ report, number, words, view }: PbxContentProps) => {
  const { pbx } = words.setup
  if (!report)
    return (
      <p class="note wrong">
        <Icon name="warn" />
        <span>{pbx.serviceAway}</span>
      </p>
    )
  const { connected, included, lastCallAt } = report
  return (
    <>
      <ul class="attention">
        <Found well={connected} says={connected ? pbx.heard(report.version ?? '', report.url) : pbx.away}>
          {!connected && (
            <>
              {report.reason && <p class="soft">{report.reason}</p>}
              <p>{pbx.awayDo(report.url)}</p>
            </>
          )}
        </Found>
        {connected && (
          <>
            <Found
              well={report.registered}
              says={report.registered === false ? pbx.unregistered(report.app) : pbx.registered(report.app)}
            />
            <Found
              well={included}
              says={included ? pbx.included : included === null ? pbx.unsure : pbx.notIncluded}
            />
            <Found well={lastCallAt === null ? null : true} says={lastCallAt ? pbx.handedOver : pbx.noCall}>
              {lastCallAt && (
                <small class="soft">
                  <Moment at={lastCallAt} view={view} />
                </small>
              )}
            </Found>
          </>
        )}
        <Found
          well={report.promptsReadable}
          says={report.promptsReadable ? pbx.promptsReadable : pbx.promptsUnsure(report.prompts)}
        />
      </ul>
      {connected && (included !== true || lastCallAt === null) && (
        <LinesToPaste {...{ report, number, words }} />
      )}
      <p>
        <a class="button" href="/setup/pbx">
          {pbx.again}
        </a>
      </p>
    </>
  )
}

/** The lines of the dialplan to paste. */
const LinesToPaste = ({
  report: { included, include },
  number,
  words: {
    setup: { pbx },
  },
}: {
  report: PbxReport
  number: string
  words: Words
}) => (
  <section class="sheet stack">
    <h2>{pbx.paste}</h2>
    {included !== true && (
      <>
        <p>{pbx.pasteInclude(include)}</p>
        <pre>
          <code>#include consentry-extensions.conf</code>
        </pre>
      </>
    )}
    <p>{pbx.pasteGosub}</p>
    <pre>
      <code>{`exten => ${number},1,Gosub(consentry,s,1)\n same =>      n,Queue(support)`}</code>
    </pre>
    <p>
      {pbx.reload} <code>asterisk -rx 'dialplan reload'</code>
    </p>
  </section>
)

/** One fact. `well`: null if it is not known. */
const Found = ({
  well,
  says,
  children,
}: {
  well: boolean | null
  says: string
  children?: preact.ComponentChildren
}) => (
  <li class={well ? 'note done' : well === null ? 'note' : 'note warn'}>
    <Icon name={well ? 'check' : well === null ? 'info' : 'warn'} />
    <div>
      <p>{says}</p>
      {children}
    </div>
  </li>
)
