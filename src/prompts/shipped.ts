import { join } from 'node:path'
import { projectRoot } from '../process/project.js'

/** The folder of prompts that comes with Consentry. */
export const shippedPromptFolder = (): string => join(projectRoot(), 'prompts')
