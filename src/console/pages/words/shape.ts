import type { common } from './ru/common.js'
import type { ru } from './ru/ru.js'

/** All words of the pages in one language. The Russian ones determine the list. */
export type Words = typeof ru

/** Words that all pages use. */
export type Common = typeof common
