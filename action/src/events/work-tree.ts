import {constants} from 'node:fs'
import {lstat, open, readdir} from 'node:fs/promises'
import type {FileHandle} from 'node:fs/promises'
import {extname, join, relative, sep} from 'node:path'
import {lfsPointer} from '../../../src/modelfile/lfs-pointer.ts'

/** What the selection asks of the files that were checked out; paths are relative to the workspace, with `/`. */
export interface WorkTree {
  /** In a folder; empty where there is none. */
  names(folder: string): Promise<readonly string[]>
  /** The files below a path that is a folder, as a submodule is; else none. */
  below(path: string): Promise<readonly string[]>
  /** By its first bytes. */
  holdsModel(path: string): Promise<boolean>
  /** Whether a model that may have weights in other files has one of these names in it. */
  mentions(path: string, names: readonly string[]): Promise<boolean>
}

const HEAD = 65_536
const PIECE = 2 ** 20
/** Arrays are data far more often than models. */
const DATA = new Set(['numpy'])

export function createWorkTree(workspace: string): WorkTree {
  return {
    names: (folder) => readdir(join(workspace, folder)).catch(() => []),

    async below(path) {
      const top = join(workspace, path)
      if (!(await lstat(top).catch(() => undefined))?.isDirectory()) return []
      const entries = await readdir(top, {recursive: true, withFileTypes: true})
      return entries
        .filter((entry) => !entry.isDirectory())
        .map((entry) => relative(workspace, join(entry.parentPath, entry.name)).split(sep).join('/'))
        .filter((file) => !`/${file}`.includes('/.git/'))
    },

    async holdsModel(path) {
      await using file = await opened(join(workspace, path))
      if (!file) return false
      const head = await headOf(file)
      if (head[0] === 0x50 && head[1] === 0x4b) return head.includes('data.pkl')
      const format = await formatOf(head, path)
      if (format === 'keras-h5') return /layer_names|model_weights|model_config/.test(head.toString('latin1'))
      // The keys may come late, and in other letters.
      if (extname(path).toLowerCase() === '.json') return await holds(file, ['"weightsManifest"'], true)
      return format !== undefined && !DATA.has(format)
    },

    async mentions(path, names) {
      const others = names.filter((name) => !path.endsWith(`/${name}`) && path !== name)
      if (others.length === 0) return false
      await using file = await opened(join(workspace, path))
      if (!file) return false
      const head = await headOf(file)
      if (head.toString('latin1').startsWith(lfsPointer)) return true
      // A TensorFlow.js model, for it is a model: its own keys may lie beyond the head.
      const json = extname(path).toLowerCase() === '.json'
      if (!json && (await formatOf(head, path)) !== 'onnx') return false
      return await holds(file, others, json)
    },
  }
}

/** A regular file, not through a link; else undefined. */
async function opened(path: string): Promise<FileHandle | undefined> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(
    () => undefined,
  )
  if ((await file?.stat())?.isFile()) return file
  await file?.close()
  return undefined
}

async function headOf(file: FileHandle): Promise<Buffer> {
  const {buffer, bytesRead} = await file.read(Buffer.alloc(HEAD), 0, HEAD, 0)
  return buffer.subarray(0, bytesRead)
}

async function formatOf(head: Buffer, path: string): Promise<string | undefined> {
  const {readers} = await import('../../../src/modelfile/readers.ts')
  return readers.find((reader) => reader.matches(head, extname(path).toLowerCase()))?.name
}

/** Whether one of the texts is anywhere in the file; `escaped`: as JSON may spell it, too. */
async function holds(file: FileHandle, texts: readonly string[], escaped: boolean): Promise<boolean> {
  const wanted = texts.map((text) => Buffer.from(text).toString('latin1'))
  // As `\u0077`, each character of Latin takes six.
  const kept = 6 * Math.max(...wanted.map(({length}) => length))
  const buffer = Buffer.alloc(PIECE)
  let before = ''
  for (let at = 0; ;) {
    const {bytesRead} = await file.read(buffer, 0, PIECE, at)
    if (bytesRead === 0) return false
    at += bytesRead
    const raw = before + buffer.toString('latin1', 0, bytesRead)
    const text = escaped ? unescaped(raw) : raw
    if (wanted.some((one) => text.includes(one))) return true
    before = raw.slice(-kept)
  }
}

const unescaped = (text: string) =>
  text
    .replaceAll('\\/', '/')
    .replace(/\\u([0-9a-f]{4})/gi, (_, digits: string) =>
      Buffer.from(String.fromCharCode(Number.parseInt(digits, 16))).toString('latin1'),
    )
