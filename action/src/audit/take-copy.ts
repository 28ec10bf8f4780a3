import {createHash} from 'node:crypto'
import {constants} from 'node:fs'
import {lstat, mkdir, open, realpath} from 'node:fs/promises'
import type {FileHandle} from 'node:fs/promises'
import {basename, dirname, isAbsolute, join, normalize, sep} from 'node:path'
import {environmentError} from '../../../src/errors.ts'
import {cardPaths} from '../../../src/audit/card.ts'
import {lfsPointer} from '../../../src/modelfile/lfs-pointer.ts'

interface CopyOptions {
  readonly workspace: string
  /** Bytes. */
  readonly most: number
}

/** Of what was copied, in hex. */
export interface Copied {
  readonly sha256: string
  /** Of the cards, by their names. */
  readonly cards: Readonly<Record<string, string>>
}

/**
 * Copies a model of the work tree, and the cards beside it, to the same paths under `folder`: what is audited can no longer be
 * exchanged. Gives the SHA-256 of each. Throws E_MODEL_FILE for what is no plain file within the workspace,
 * E_LFS_POINTER, and E_MODEL_SIZE.
 */
export async function takeCopy(path: string, folder: string, options: CopyOptions): Promise<Copied> {
  const sha256 = await copy(path, folder, options)
  const cards: Record<string, string> = {}
  for (const card of cardPaths(path)) {
    const there = await lstat(join(options.workspace, card)).catch(() => undefined)
    const copied = await lstat(join(folder, card)).catch(() => undefined)
    if (there && !copied) cards[basename(card)] = await copy(card, folder, {...options, most: 1e6})
  }
  return {sha256, cards}
}

/** One file, as above; gives its SHA-256. */
export async function copy(path: string, folder: string, options: CopyOptions): Promise<string> {
  const target = join(folder, path)
  return read(path, options, async (from) => {
    await mkdir(dirname(target), {recursive: true})
    await using to = await open(target, 'wx', 0o400)
    return await digest(from, options.most, (bytes) => to.writeFile(bytes))
  })
}

/** The SHA-256 of a file that could be copied. Throws as above. */
export const hashOf = (path: string, options: CopyOptions): Promise<string> =>
  read(path, options, (from) => digest(from, options.most, async () => undefined))

async function read(
  path: string,
  {workspace, most}: CopyOptions,
  work: (from: FileHandle) => Promise<string>,
): Promise<string> {
  const source = await checkedPath(path, workspace)
  const from = await open(source, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  try {
    const found = await from.stat()
    if (!found.isFile())
      throw refused('E_MODEL_FILE', 'It is not a regular file.', 'Commit the model file itself.')
    if (found.size > most)
      throw refused(
        'E_MODEL_SIZE',
        `It has ${found.size} bytes, more than the ${most} that are audited.`,
        'Raise max-file-size, where the runner has the space.',
      )
    if (await isPointer(from))
      throw refused(
        'E_LFS_POINTER',
        'It is a Git LFS pointer, not the model: the weights are not in the checkout.',
        'Give actions/checkout with: lfs: true.',
      )
    return await work(from)
  } finally {
    await from.close()
  }
}

/** Where it really is. A symbolic link anywhere in the path would show the audit another file than users get. */
async function checkedPath(path: string, workspace: string): Promise<string> {
  const outside = isAbsolute(path) || normalize(path).split(sep)[0] === '..' || path.includes('\0')
  if (outside)
    throw refused('E_MODEL_FILE', 'It lies outside the workspace.', 'Name files of the repository.')
  const root = await realpath(workspace)
  const plain = join(root, normalize(path))
  const real = await realpath(plain).catch(() => undefined)
  if (real === undefined)
    throw refused(
      'E_MODEL_FILE',
      'It is not in the work tree.',
      'Let actions/checkout check out the pull request (its default), not another ref, and all of it: sparse-checkout leaves files out.',
    )
  if (real !== plain)
    throw refused(
      'E_MODEL_FILE',
      'It is a symbolic link, or lies behind one.',
      'Commit the model file itself.',
    )
  return plain
}

async function isPointer(file: FileHandle): Promise<boolean> {
  const {buffer, bytesRead} = await file.read(Buffer.alloc(lfsPointer.length), 0, lfsPointer.length, 0)
  return buffer.toString('latin1', 0, bytesRead) === lfsPointer
}

async function digest(
  from: FileHandle,
  most: number,
  each: (bytes: Buffer) => Promise<unknown>,
): Promise<string> {
  const hash = createHash('sha256')
  const buffer = Buffer.alloc(2 ** 20)
  for (let at = 0; ;) {
    const {bytesRead} = await from.read(buffer, 0, buffer.length, at)
    if (bytesRead === 0) return hash.digest('hex')
    at += bytesRead
    if (at > most) throw refused('E_MODEL_SIZE', `It grew beyond ${most} bytes.`, 'Audit a file at rest.')
    const bytes = buffer.subarray(0, bytesRead)
    hash.update(bytes)
    await each(bytes)
  }
}

const refused = (code: 'E_MODEL_FILE' | 'E_MODEL_SIZE' | 'E_LFS_POINTER', message: string, hint: string) =>
  environmentError({code, message, hints: [hint]})
