import { mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { extname, join, resolve } from 'node:path'
import { writeOutput } from '../files/output-file.js'
import { printPdf } from './print-pdf.js'

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
