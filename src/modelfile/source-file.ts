import {constants} from 'node:fs'
import {open, type FileHandle} from 'node:fs/promises'
import {isAbsolute} from 'node:path'
import {environmentError, type AbdError} from '../errors.ts'
import {createBlocks, type Blocks, type Digest} from './blocks.ts'
import {HEAD_BYTES, type Limits} from './limits.ts'
import {createPass, type Range} from './pass/pass.ts'
import type {ParsedFile} from './reader.ts'

/** A file that was opened once; all that is read of it is read from that handle, at given positions. */
export interface SourceFile extends ParsedFile, AsyncDisposable {
  /** For a process that only parses. */
  readonly descriptor: number
  /** What that process has read; `load` and `sha256` compare it. */
  expect(digests: readonly Digest[]): void
  /** Begins to read, while something else is waited for. */
  begin(): void
  /** Fills the ranges, which must not overlap, in one pass over the file that also hashes it. At most once. */
  load(ranges: readonly Range[]): Promise<void>
  /** Of the whole file, in hex. */
  sha256(): Promise<string>
}

/** Throws E_FILE_MISSING, E_FILE_FOLDER, E_FILE_EMPTY, E_FILE_KIND, E_NOT_PERMITTED, E_LIMIT. */
export async function openSource(path: string, limits: Limits, signal?: AbortSignal): Promise<SourceFile> {
  const handle = await openHandle(path)
  try {
    const bytes = await checkedSize(handle, path, limits)
    const blocks = createBlocks(handle, {path, bytes, limit: limits.structureBytes})
    const head = await blocks.read(0, Math.min(bytes, HEAD_BYTES))
    return sourceOf({handle, path, bytes, head, blocks, ...(signal && {signal})})
  } catch (error) {
    await handle.close()
    throw error
  }
}

interface Parts {
  readonly handle: FileHandle
  readonly path: string
  readonly bytes: number
  readonly head: Uint8Array
  readonly blocks: Blocks
  readonly signal?: AbortSignal
}

function sourceOf({handle, path, bytes, head, blocks, signal}: Parts): SourceFile {
  const pass = createPass({handle, path, bytes})
  let sha256: string | undefined
  const load = async (ranges: readonly Range[]) => {
    sha256 = await pass.over(ranges, (start, piece) => {
      signal?.throwIfAborted()
      blocks.verify(start, piece)
    })
  }
  return {
    path,
    bytes,
    head,
    descriptor: handle.fd,
    read: blocks.read,
    expect: blocks.expect,
    begin: pass.begin,
    load,
    async sha256() {
      if (sha256 === undefined) await load([])
      return sha256!
    },
    async [Symbol.asyncDispose]() {
      await pass.end()
      await handle.close()
    },
  }
}

async function openHandle(path: string): Promise<FileHandle> {
  try {
    // Without O_NONBLOCK, opening a named pipe waits for a writer.
    return await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
  } catch (error) {
    throw openError(path, error)
  }
}

/** Why a file could not be opened, in the user's words; what is not the system's refusal is thrown on as it is. */
export function openError(path: string, error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  const because = (code: AbdError['code'], message: string, hint: string) =>
    environmentError({code, message, hints: [hint], cause: error})
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return because(
        'E_FILE_MISSING',
        `There is no file ${path}.`,
        isAbsolute(path) ? 'Check the path.' : `Check the path; it is relative to ${process.cwd()}.`,
      )
    case 'EISDIR':
      return folder(path)
    case 'EACCES':
    case 'EPERM':
      return because('E_NOT_PERMITTED', `Not permitted to read ${path}.`, 'Check its owner and mode (ls -l).')
    case 'ENXIO':
      return notAFile(path)
    case 'ELOOP':
      return because(
        'E_FILE_MISSING',
        `${path} is a link that leads to itself.`,
        'Give the path of the file itself.',
      )
    case 'ENAMETOOLONG':
      return because('E_FILE_MISSING', `The path ${path.slice(0, 80)}… is too long.`, 'Check the path.')
    case 'ERR_INVALID_ARG_VALUE':
      return because('E_FILE_MISSING', 'The path holds a zero byte.', 'Check the path.')
    default:
      return error
  }
}

async function checkedSize(handle: FileHandle, path: string, limits: Limits): Promise<number> {
  const stat = await handle.stat()
  if (stat.isDirectory()) throw folder(path)
  if (!stat.isFile()) throw notAFile(path)
  if (stat.size === 0)
    throw environmentError({
      code: 'E_FILE_EMPTY',
      message: `${path} is empty (0 bytes).`,
      hints: ['Copy or download it again; an interrupted transfer leaves such files.'],
    })
  if (stat.size > limits.fileBytes)
    throw environmentError({
      code: 'E_LIMIT',
      message: `${path} has ${stat.size} bytes; the limit is ${limits.fileBytes}.`,
      hints: ['abd is made for image classifiers; keep only the weights in the file.'],
    })
  return stat.size
}

const folder = (path: string) =>
  environmentError({
    code: 'E_FILE_FOLDER',
    message: `${path} is a folder.`,
    hints: [`Name the model files in it, for example ${path.replace(/[/\\]+$/, '')}/*.safetensors`],
  })

const notAFile = (path: string) =>
  environmentError({
    code: 'E_FILE_KIND',
    message: `${path} is not a regular file.`,
    hints: ['Copy its content to a file first; pipes and devices cannot be audited.'],
  })
