import { openGuide } from '../guides/guide.js'

/** The pages whose commands this test runs. */
export const install = openGuide('install.md')
export const maintain = openGuide('operate.md')
