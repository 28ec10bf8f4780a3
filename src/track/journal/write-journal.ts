import {createHash, randomUUID} from 'node:crypto'
import {
  closeSync,
  existsSync,
  fdatasync,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  writeSync,
  writeFileSync,
} from 'node:fs'
import {open, rename, rm} from 'node:fs/promises'
import {join} from 'node:path'
import {piecesOf} from '../client/pieces-of.ts'
import {within} from './folder.ts'
import type {Blob, Header, Operation} from './operations.ts'

/**
 * A run's journal while it is written. `append` hands a line to the system at once, so that it outlives a kill of this
 * process, and never waits for the disk; `flush` does. What a full disk does not take is kept in memory and tried again.
 */
export interface JournalWriter {
  readonly folder: string
  readonly header: Header
  append(operation: Operation): void
  /** Stores bytes under their hash; small ones. Throws what the system says. */
  store(content: Uint8Array): Blob
  /** The same of a file, in pieces. Rejects with what the system says. */
  storeFile(path: string): Promise<Blob>
  /** All that was appended is on the disk, but for what it does not take: of that, so many lines wait. */
  flush(): Promise<{readonly waiting: number; readonly error: unknown}>
  close(): Promise<{readonly waiting: number; readonly error: unknown}>
}

export interface JournalDeps {
  /** Called after each line. */
  readonly onAppend?: () => void
}

/** Makes the run's folder below `root`. Throws what the system says. */
export function createJournal(root: string, header: Header, {onAppend}: JournalDeps = {}): JournalWriter {
  const time = new Date(header.startTime).toISOString().replaceAll(/[-:]|\.\d+/g, '')
  const folder = join(root, `${time}-${header.parent ? '1' : '0'}-${header.uid.slice(0, 12)}`)
  const files = within(folder)
  mkdirSync(files.blobs, {recursive: true})
  writeWhole(files.header, Buffer.from(`${JSON.stringify(header, null, 2)}\n`))
  const file = openSync(files.operations, 'a')

  let waiting: Buffer[] = []
  let error: unknown
  let syncing: Promise<void> | undefined
  let dirty = false
  let open_ = true

  /** As much as the disk takes; a line that it took half of goes on where it stopped. */
  const write = () => {
    try {
      while (waiting.length > 0) {
        const [line] = waiting
        const taken = writeSync(file, line!)
        if (taken < line!.length) waiting[0] = line!.subarray(taken)
        else waiting.shift()
        dirty = true
      }
      error = undefined
    } catch (thrown) {
      error = thrown
    }
  }
  const sync = (): Promise<void> =>
    (syncing ??= new Promise<void>((resolve) => {
      dirty = false
      fdatasync(file, (thrown) => {
        if (thrown) error = thrown
        syncing = undefined
        resolve()
      })
    }))
  const flush = async () => {
    write()
    while (dirty || syncing) await sync()
    return {waiting: waiting.length, error}
  }
  return {
    folder,
    header,
    append(operation) {
      if (!open_) return
      waiting.push(Buffer.from(`${JSON.stringify(operation)}\n`))
      write()
      if (dirty) void sync()
      onAppend?.()
    },
    store(content) {
      const sha256 = createHash('sha256').update(content).digest('hex')
      const path = files.blob(sha256)
      if (!existsSync(path)) writeWhole(path, content)
      return {sha256, bytes: content.byteLength}
    },
    storeFile: (path) => storeFile(path, files),
    flush,
    async close() {
      const left = await flush()
      open_ = false
      waiting = []
      closeSync(file)
      return left
    },
  }
}

/** Under a temporary name, synced, renamed: whole or not there. */
function writeWhole(path: string, content: Uint8Array): void {
  const draft = `${path}.${randomUUID()}`
  try {
    writeFileSync(draft, content, {flag: 'wx'})
    const file = openSync(draft, 'r+')
    try {
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    renameSync(draft, path)
  } catch (error) {
    rmSync(draft, {force: true})
    throw error
  }
}

async function storeFile(path: string, files: ReturnType<typeof within>): Promise<Blob> {
  const draft = join(files.blobs, `draft-${randomUUID()}`)
  const hash = createHash('sha256')
  let bytes = 0
  try {
    await using target = await open(draft, 'wx')
    for await (const piece of piecesOf(path)) {
      hash.update(piece)
      bytes += piece.length
      for (let at = 0; at < piece.length;) at += (await target.write(piece, at)).bytesWritten
    }
    await target.sync()
  } catch (error) {
    await rm(draft, {force: true})
    throw error
  }
  const sha256 = hash.digest('hex')
  await rename(draft, files.blob(sha256))
  return {sha256, bytes}
}
