import { openGuide } from '../guides/guide.js'

/** The page whose commands this test runs. */
export const page = openGuide('install-containers.md')
