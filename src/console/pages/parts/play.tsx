import type { Words } from '../words/words.js'
import { Icon } from './icon.js'

/**
 * Plays a prompt beside its words. A script plays it in the page; without scripts the browser opens the sound.
 *
 * @param version undefined: the one in force
 */
export const Play = ({
  name,
  language,
  version,
  words: { prompts },
}: {
  name: string
  language: string
  version?: number | undefined
  words: Words
}) => {
  const address = `/prompts/${encodeURIComponent(name)}/${encodeURIComponent(language)}/audio`
  return (
    <a
      class="play no-print"
      href={version === undefined ? address : `${address}?version=${version}`}
      data-play
      data-stop={prompts.stopPlaying}
      aria-label={prompts.play(name)}
    >
      <Icon name="play" />
      <Icon name="stop" />
    </a>
  )
}
