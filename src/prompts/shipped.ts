import { join } from 'node:path'
import { projectRoot } from '../process/project.js'

/** The folder of prompts that comes with Consentry. */
export const shippedPrompts = (): string => join(projectRoot(), 'prompts')
