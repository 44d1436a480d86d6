import type { Words } from '../words/words.js'
import { useEditing } from './editing.js'
import { useSources } from './sources.js'

/** Explains the appearance of values, by a value of each kind that the line has. */
export const Legend = ({ words: { groups } }: { words: Words }) => {
  const sources = useSources()
  const isChanged = (useEditing()?.changed.size ?? 0) > 0
  const found = new Set(sources ? [...sources.fields.values()].map(({ source }) => source) : [])
  if (!isChanged && !found.has('group') && !found.has('default')) return null
  return (
    <p class="faint legend row">
      <small>{groups.legend}</small>
      {sources?.group && found.has('group') && (
        <small>
          <span class="value" data-from={sources.group}>
            {groups.legendGroup}
          </span>
        </small>
      )}
      {found.has('default') && (
        <small>
          <span class="value usual">{groups.legendUsual}</span>
        </small>
      )}
      {found.has('line') && (
        <small>
          <span class="value">{groups.legendOwn}</span>
        </small>
      )}
      {isChanged && (
        <small>
          <span class="value changed">{groups.legendChanged}</span>
        </small>
      )}
      {sources?.group && (
        <small>
          <a class="quiet" href={`/lines/groups/${encodeURIComponent(sources.group)}`}>
            {groups.group(sources.group)}
          </a>
        </small>
      )}
    </p>
  )
}
