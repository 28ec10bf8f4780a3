import {readFile, stat} from 'node:fs/promises'
import {join} from 'node:path'
import {z} from 'zod'
import {Report, REPORT_SCHEMA_VERSION} from '../audit/report-schema.ts'
import {environmentError} from '../errors.ts'

const limit = 256 * 1024 * 1024

/**
 * The reports under `path`: a report.json, an array of reports as `abd audit --json` prints it, or a folder that an
 * audit wrote (`report.json`, else `1/report.json`, `2/report.json`, …). Throws E_REPORT_MISSING or E_REPORT_INVALID
 * (exit code 4).
 */
export async function readReports(path: string): Promise<Report[]> {
  const info = await stat(path).catch(() => undefined)
  if (!info) throw missing(`${path} does not exist.`)
  if (info.isFile()) return readOne(path)
  if (!info.isDirectory()) throw invalid(path, 'it is not a regular file')
  const single = join(path, 'report.json')
  if (await exists(single)) return readOne(single)
  const reports: Report[] = []
  for (let n = 1; ; n++) {
    const file = join(path, String(n), 'report.json')
    if (!(await exists(file))) break
    reports.push(...(await readOne(file)))
  }
  if (reports.length === 0) throw missing(`The folder ${path} holds no report.json.`)
  return reports
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    (info) => info.isFile(),
    () => false,
  )

async function readOne(path: string): Promise<Report[]> {
  const {size} = await stat(path)
  if (size > limit) throw invalid(path, `it has ${size} bytes, more than any report`)
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw environmentError({
      code: 'E_REPORT_MISSING',
      message: `${path} cannot be read: ${error instanceof Error ? error.message : String(error)}.`,
      hints: ['Check its owner and mode.'],
      cause: error,
    })
  })
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw invalid(path, text.trim() === '' ? 'it is empty' : 'it is not JSON', error)
  }
  const version = versionOf(value)
  if (typeof version === 'number' && version !== REPORT_SCHEMA_VERSION)
    throw environmentError({
      code: 'E_REPORT_INVALID',
      message: `${path} is a report of schema version ${version}; this abd reads version ${REPORT_SCHEMA_VERSION}.`,
      hints: ['Render it with the abd that wrote it, or audit again.'],
    })
  const parsed = z
    .array(Report)
    .min(1)
    .safeParse(Array.isArray(value) ? value : [value])
  if (parsed.success) return parsed.data
  const first = parsed.error.issues[0]
  throw invalid(path, `${place(first?.path ?? [], Array.isArray(value))}: ${first?.message}`, parsed.error)
}

/** Where in the file: `0.model.sha256` in an array, `model.sha256` in a single report. */
const place = (path: readonly PropertyKey[], several: boolean): string =>
  path
    .slice(several ? 0 : 1)
    .map(String)
    .join('.') || 'the top'

function versionOf(value: unknown): unknown {
  const one: unknown = Array.isArray(value) ? value[0] : value
  return typeof one === 'object' && one !== null && 'schemaVersion' in one ? one.schemaVersion : undefined
}

const missing = (message: string) =>
  environmentError({
    code: 'E_REPORT_MISSING',
    message,
    hints: ['Give a report.json, or the folder that abd audit wrote (--out).'],
  })

const invalid = (path: string, why: string, cause?: unknown) =>
  environmentError({
    code: 'E_REPORT_INVALID',
    message: `${path} is not a report of abd: ${why}.`,
    hints: ['Give the report.json that abd audit wrote; its schema is schemas/report.schema.json.'],
    cause,
  })
