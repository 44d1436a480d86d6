import { spawn } from 'node:child_process'
import { mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { extname, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { AppError } from '../../core/errors.js'
import { writeOutput } from '../files/output-file.js'
import { childEnv } from '../process/child-env.js'

/**
 * Writes a document atomically, as PDF or HTML. Only its owner can read the file, because it contains personal data.
 *
 * @param file path; a name that ends in `.pdf` gives a PDF, printed with Chromium; every other name gives HTML
 * @param pieces the HTML of the document
 * @param chromium path or name of the program
 * @throws AppError `store.unwritable`; for a PDF also `tool.missing`, `tool.failed`
 */
export async function saveDocument(
  file: string,
  pieces: AsyncIterable<string>,
  chromium: string,
): Promise<void> {
  const path = resolve(file)
  if (extname(path).toLowerCase() !== '.pdf') return saveText(path, pieces)
  const scratch = await mkdtemp(join(tmpdir(), 'consentry-print-'))
  try {
    const page = join(scratch, 'document.html')
    await saveText(page, pieces)
    const printed = join(scratch, 'document.pdf')
    await printPdf(chromium, page, printed, scratch)
    const pdf = await open(printed)
    // If nothing can be written, nothing is read either, and the stream would not close the file.
    await saveText(path, pdf.createReadStream({ autoClose: false })).finally(() => pdf.close())
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}

/**
 * Writes a file atomically. Only its owner can read it.
 *
 * @throws AppError `store.unwritable`
 */
export const saveText = (path: string, pieces: AsyncIterable<string | Uint8Array>): Promise<void> =>
  writeOutput(path, output => output.write(pieces))

/** How long printing may take, ms. An act over 100,000 recordings has thousands of pages. */
const PRINT_TIMEOUT_MS = 900_000

/** Length of Chromium's error text in our error message, characters. The end of the text is used. */
const MAX_ERROR_TEXT = 500

const CHROMIUM_MISSING =
  'PDF needs Chromium. Install it (apt-get install chromium), or set CONSENTRY_CHROMIUM to its path. Or write HTML (-o FILE.html), which prints the same from any browser.'

/** Options that stop Chromium's own activity: no network, no profile, no dialogs. */
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
 * @param chromium path or name of the program
 * @param page path of the HTML file
 * @param file path of the PDF
 * @param scratch a folder for the browser's profile; the caller removes it
 * @throws AppError `tool.missing` if the program does not exist or may not be run; `tool.failed`
 */
export async function printPdf(chromium: string, page: string, file: string, scratch: string): Promise<void> {
  const args = [
    ...OFFLINE_OPTIONS,
    // Chromium's sandbox does not run as root. The page is our own, has no script, and may not load anything.
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
          : new AppError(
              'tool.failed',
              `${chromium} did not finish: ${cause.message}. Try again, or write HTML (-o FILE.html).`,
              {
                cause,
              },
            ),
      ),
    )
    child.once('close', resolve)
  })
  if (code !== 0)
    throw new AppError(
      'tool.failed',
      `${chromium} failed with exit code ${code}. Write HTML (-o FILE.html) instead.\n${errorText.trim()}`,
    )
}
