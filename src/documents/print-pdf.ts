import { spawn } from 'node:child_process'
import { pathToFileURL } from 'node:url'
import { childEnv } from '../process/child-env.js'
import { AppError } from '../shared/errors.js'

/** How long printing may take, ms: an act over 100,000 recordings has thousands of pages. */
const PRINT_TIMEOUT_MS = 900_000

/** What is repeated of what Chromium said, characters. */
const MAX_ERROR_TEXT = 500

const CHROMIUM_MISSING =
  'PDF is printed with Chromium: apt-get install chromium, or name one with CONSENTRY_CHROMIUM. An HTML file (-o FILE.html) prints the same from any browser.'

/** Nothing of what a browser does by itself: no network, no profile, no questions. */
const OFFLINE_OPTIONS = [
  '--headless',
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-extensions',
  '--no-first-run',
  '--no-pdf-header-footer',
  '--host-resolver-rules=MAP * ~NOTFOUND',
]

/**
 * Prints a page as PDF.
 *
 * @param chromium the program
 * @param page path of the HTML file
 * @param file path of the PDF
 * @param scratch a folder for the browser's profile, which the caller removes
 * @throws AppError `tool.missing` where there is no such program, `tool.failed`
 */
export async function printPdf(chromium: string, page: string, file: string, scratch: string): Promise<void> {
  const args = [
    ...OFFLINE_OPTIONS,
    // Its sandbox refuses to run as root; the page is our own, holds no script and may load nothing.
    ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
    `--user-data-dir=${scratch}/profile`,
    `--print-to-pdf=${file}`,
    pathToFileURL(page).href,
  ]
  const child = spawn(chromium, args, {
    env: childEnv(),
    stdio: ['ignore', 'ignore', 'pipe'],
    signal: AbortSignal.timeout(PRINT_TIMEOUT_MS),
  })
  let errorText = ''
  child.stderr.on('data', (chunk: Buffer) => {
    errorText = (errorText + chunk).slice(-MAX_ERROR_TEXT)
  })
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', (cause: NodeJS.ErrnoException) =>
      reject(
        cause.code === 'ENOENT' || cause.code === 'EACCES'
          ? new AppError('tool.missing', CHROMIUM_MISSING, { cause })
          : new AppError('tool.failed', `${chromium} was ended: ${cause.message}`, { cause }),
      ),
    )
    child.once('close', resolve)
  })
  if (code !== 0) throw new AppError('tool.failed', `${chromium} ended with ${code}.\n${errorText.trim()}`)
}
