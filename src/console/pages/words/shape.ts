import type { common } from './ru/common.js'
import type { ru } from './ru/ru.js'

/** All words of the pages in one language. Those in Russian say which there are. */
export type Words = typeof ru

/** Words that all pages use. */
export type Common = typeof common
