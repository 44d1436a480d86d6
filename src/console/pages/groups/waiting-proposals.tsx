import type { GroupProposal } from '../../../lines/propose-group.js'
import { Moment } from '../parts/moment.js'
import type { View } from '../view.js'
import type { Words } from '../words/words.js'

/** Changes of groups that await approval. A group may not exist yet. */
export const WaitingProposals = ({
  proposals,
  words: { groups },
  view,
}: {
  proposals: readonly GroupProposal[]
  words: Words
  view: View
}) => (
  <section class="sheet">
    <h2>{groups.waiting}</h2>
    <ul class="versions">
      {proposals.map(({ id, name, base, by, at, outdated }) => (
        <li class="row" key={id}>
          <a href={`/lines/groups/${encodeURIComponent(name)}`}>{groups.group(name)}</a>
          {base === 0 && <span class="tag plain">{groups.isNew}</span>}
          {outdated && <span class="tag failed">{groups.outdatedTag}</span>}
          <span class="soft">{groups.proposedBy(by)}</span>
          <Moment at={at} view={view} />
        </li>
      ))}
    </ul>
  </section>
)
