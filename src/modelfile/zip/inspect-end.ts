import type {ParsedFile} from '../reader.ts'
import type {ScanFinding} from '../scan-finding.ts'
import {finding} from '../scan-rules.ts'

/** Where the directory lies that was read, of how many entries, and how long the archive's comment is. */
interface Directory {
  readonly start: number
  readonly end: number
  readonly comment: number
  readonly entries: number
}

const END = 22
const ZIP64_END = 56
const ZIP64_LOCATOR = 20

/**
 * Whether what follows the directory says of it what was read. Readers find it in different ways: by its offset (PyTorch), from
 * the end by its size (Python), by the records of zip64 or without them; where these differ, so does what is in the archive.
 */
export async function inspectEnd(file: ParsedFile, directory: Directory): Promise<ScanFinding[]> {
  const endAt = file.bytes - directory.comment - END
  const rest = endAt - directory.end
  if (rest < 0) return [differ(directory.end, 'its end lies within it')]
  const end = Buffer.from(await file.read(endAt, END))
  const found: string[] = []
  const expect = (what: string, said: number, is: number, unknown: number) => {
    if (said !== is && said !== unknown) found.push(`${what} is ${said} in its end and ${is} in the file`)
  }
  const isZip64 = rest === ZIP64_END + ZIP64_LOCATOR && (await isZip64End(file, directory))
  // With zip64's records the old ones may be left at their largest values.
  const unknown = (largest: number) => (isZip64 ? largest : -1)
  expect('the number of entries', end.readUInt16LE(8), directory.entries, unknown(0xffff))
  expect('the number of entries', end.readUInt16LE(10), directory.entries, unknown(0xffff))
  expect('the size', end.readUInt32LE(12), directory.end - directory.start, unknown(0xffffffff))
  expect('the offset', end.readUInt32LE(16), directory.start, unknown(0xffffffff))
  return [
    ...(rest > 0 && !isZip64
      ? [finding('unlistedBytes', `${rest} bytes after the directory`, directory.end)]
      : []),
    ...found.map((what) => differ(endAt, what)),
  ]
}

const differ = (at: number, what: string) => finding('mismatchedHeaders', `of the directory ${what}`, at)

/** Zip64's end record and its locator, directly after the directory, and of the same directory. */
async function isZip64End(file: ParsedFile, {start, end, entries}: Directory): Promise<boolean> {
  const records = Buffer.from(await file.read(end, ZIP64_END + ZIP64_LOCATOR))
  const long = (at: number) => records.readBigUInt64LE(at)
  return (
    records.readUInt32LE(0) === 0x06064b50 &&
    long(24) === BigInt(entries) &&
    long(32) === BigInt(entries) &&
    long(40) === BigInt(end - start) &&
    long(48) === BigInt(start) &&
    records.readUInt32LE(ZIP64_END) === 0x07064b50 &&
    long(ZIP64_END + 8) === BigInt(end)
  )
}
