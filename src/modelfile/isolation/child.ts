// The process that parses: see isolated-parse.ts. It has one open file, no rights to open others, and answers once.
import {promisify} from 'node:util'
import {AbdError} from '../../errors.ts'
import {createBlocks} from '../blocks.ts'
import {HEAD_BYTES, type Limits} from '../limits.ts'
import {parseFile} from '../parse-file.ts'
import type {Answer, ErrorMessage, Request} from './protocol.ts'

const FILE = 0
const ANSWER = 1
// An import of it, and process.stdout, would load all of Node's streams: a tenth of the time that this process takes.
const {read, writeSync} = process.getBuiltinModule('fs')
const readAt = promisify(read)

const said = ({code, exit, message, hints}: AbdError): ErrorMessage => ({
  code,
  exit,
  message: message.slice(0, 20_000),
  hints: hints.map((hint) => hint.slice(0, 20_000)),
})

async function answerTo({path, bytes, key, limits: given}: Request) {
  const limits = given as unknown as Limits
  const handle = {
    read: (into: Uint8Array, offset: number, length: number, position: number) =>
      readAt(FILE, into, offset, length, position),
  }
  const blocks = createBlocks(handle, {path, bytes, limit: limits.structureBytes})
  try {
    const head = await blocks.read(0, Math.min(bytes, HEAD_BYTES))
    const {plan, format, payload, refusal} = await parseFile(
      {path, bytes, head, read: blocks.read},
      {limits, ...(key !== undefined && {key})},
    )
    const digests = blocks.digests().map(([block, digest]): [number, string] => [block, digest])
    const answer: Answer = {ok: true, format, plan, digests, ...(refusal && {refusal: said(refusal)})}
    return {answer, payload: payload ?? []}
  } catch (error) {
    if (!(error instanceof AbdError)) throw error
    const answer: Answer = {ok: false, error: said(error)}
    return {answer, payload: []}
  }
}

const {answer, payload} = await answerTo(JSON.parse(process.argv[2] ?? '') as Request)
const json = Buffer.from(JSON.stringify(answer))
const length = Buffer.alloc(4)
length.writeUInt32LE(json.length)
for (const piece of [length, json, ...payload])
  for (let done = 0; done < piece.length;) done += writeSync(ANSWER, piece, done)
