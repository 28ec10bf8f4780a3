// A process of its own for each model: it computes with the weights, where another one has read what the file says of them.
import {readFile, writeFile} from 'node:fs/promises'
import {attackPlugin} from '../../../plugins/attack/src/index.ts'
import {defendPlugin} from '../../../plugins/defend/src/index.ts'
import {detectPlugin} from '../../../plugins/detect/src/index.ts'
import {distillPlugin} from '../../../plugins/distill/src/index.ts'
import {auditFile, choosePlan, parseDuration, readCalibration} from '../../../src/audit/index.ts'
import type {Report} from '../../../src/audit/index.ts'
import {datasetMethods} from '../../../src/data/index.ts'
import {createRandom, openEngine} from '../../../src/engine/index.ts'
import {AbdError} from '../../../src/errors.ts'
import {readModelFile} from '../../../src/modelfile/index.ts'
import {createRegistry} from '../../../src/registry.ts'
import {SCANNED_ONLY} from '../report/scanned-only.ts'
import {ChildRequest} from './child-request.ts'
import type {ChildAnswer} from './child-request.ts'
import {unseenReport} from './error-report.ts'

const now = () => new Date()
const note = (line: string) => void process.stderr.write(`${line}\n`)

/** Reads the ranges that the parser's plan names, each checked against the file. */
const readerOf =
  ({parsed}: ChildRequest): typeof readModelFile =>
  async (path, options) =>
    readModelFile(path, {...options, answer: await readFile(parsed)})

async function audit(request: ChildRequest): Promise<Report> {
  const {policy, policySource, seed, profile, budget, data} = request
  const engine = await openEngine(request.engine, {note})
  const progress = {start: () => ({advance() {}, end() {}}), note}
  const context = {engine, random: createRandom(seed), progress, signal: new AbortController().signal}
  const methods = [attackPlugin, defendPlugin, detectPlugin, distillPlugin]
  const {plan} = choosePlan(
    engine.name,
    budget === undefined ? (profile ? {profile} : {}) : {profile: 'quick'},
  )
  return auditFile(
    request.model,
    {
      plan,
      ...(budget === undefined ? {} : {budget: parseDuration(budget)}),
      policy,
      policySource,
      seed,
      // The user's mistakes become this model's error, too: there may be others.
      amongOthers: true,
      asked: Object.fromEntries(Object.entries({budget, data}).filter(([, value]) => value !== undefined)),
      triggers: [],
      ...(data === undefined ? {} : {data}),
    },
    {
      context,
      registry: createRegistry([{name: '@abd/core', methods: datasetMethods}, ...methods]),
      calibration: await readCalibration(),
      read: readerOf(request),
      now,
      clock: () => performance.now() / 1000,
    },
  )
}

/** Reads and scans: nothing is computed from the weights. */
async function scan(request: ChildRequest): Promise<Report> {
  const began = performance.now()
  const {scan, sha256, bytes, format} = await readerOf(request)(request.model, {
    signal: new AbortController().signal,
  })
  const draft = unseenReport(request.model, request, now)
  const dangerous = scan.filter(({severity}) => request.policy.scan.block.includes(severity))
  return {
    ...draft,
    model: {...draft.model, sha256, bytes, format},
    scan: [...scan],
    verdict: dangerous.length > 0 ? 'block' : 'review',
    reasons: [
      ...dangerous.map(({message}) => message),
      ...(dangerous.length > 0 ? [] : ['The file was scanned only: what its network computes is unknown.']),
    ],
    advice: ['Audit it in full before it is merged: abd audit, on a machine that may read foreign files.'],
    limits: [SCANNED_ONLY],
    seconds: (performance.now() - began) / 1000,
  }
}

async function answer(request: ChildRequest): Promise<ChildAnswer> {
  try {
    return {report: await (request.staticOnly ? scan(request) : audit(request))}
  } catch (error) {
    if (!(error instanceof AbdError)) throw error
    return {error: {code: error.code, message: error.message, hints: [...error.hints]}}
  }
}

const request = ChildRequest.parse(JSON.parse(process.argv[2] ?? ''))
await writeFile(request.answer, JSON.stringify(await answer(request)))
