import { join } from 'node:path'
import { projectRoot } from '../../../src/process/project.js'

/**
 * Folder of the converted prompts that services of the tests share: to convert the shipped prompts takes four seconds of a processor.
 * A test of the first start leaves CONSENTRY_PROMPTS unset.
 */
export const PROMPTS = join(projectRoot(), '.cache', 'prompts')
