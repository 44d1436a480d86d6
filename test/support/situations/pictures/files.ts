import { drawLegend, drawPicture } from './draw.js'
import { PICTURES } from './pictures.js'

/** Where the pictures are, from the folder of the project. */
export const FOLDER = 'docs/situations'

/** The pictures of `docs/parties.md`, by the names of their files in {@link FOLDER}. */
export const pictureFiles = (): Map<string, string> =>
  new Map([
    ['legend.svg', drawLegend()],
    ...PICTURES.map(picture => [`${picture.name}.svg`, drawPicture(picture)] as const),
  ])
