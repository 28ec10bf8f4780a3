import {execFileSync} from 'node:child_process'
import {existsSync, mkdtempSync, readdirSync, readFileSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import * as tf from '@tensorflow/tfjs-core'
import {openEngine} from '@abd/core/engine'
import {readAndScan} from '@abd/core/modelfile'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {onnxOperators} from '../../src/nn/graph/onnx/operators.ts'
import {pipPackage} from '../support/pip-package.ts'
import {runCase, type OnnxCase} from './run-onnx-case.ts'

const script = fileURLToPath(new URL('../../scripts/onnx_cases.py', import.meta.url))
const installed = pipPackage('onnx==1.23.2', {dependencies: true})
const folder = process.env['ABD_ONNX_CASES'] ?? mkdtempSync(join(tmpdir(), 'abd-onnx-cases-'))
if (installed !== undefined && readdirSync(folder).length === 0)
  execFileSync('python3', [script, folder], {
    env: {...process.env, PYTHONPATH: installed},
    stdio: ['ignore', 'ignore', 'ignore'],
  })

const names = existsSync(folder)
  ? readdirSync(folder)
      .filter((name) => name.endsWith('.json'))
      .map((name) => name.slice(0, -'.json'.length))
  : []

beforeAll(async () => {
  await openEngine('auto')
})
afterAll(() => {
  if (process.env['ABD_ONNX_CASES'] === undefined) rmSync(folder, {recursive: true})
})

describe.skipIf(names.length === 0)("the onnx package's own cases", () => {
  // What an operator is asked for and cannot do is refused, and never computed wrongly.
  it('give the outputs that lie beside them, or are refused; every operator has one that does', async () => {
    const right = new Set<string>()
    const wrong: string[] = []
    let [agreed, refused] = [0, 0]
    for (const name of names) {
      const given = JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')) as OnnxCase
      if (!given.operators.every((op) => Object.hasOwn(onnxOperators, op))) continue
      const file = await readAndScan(join(folder, `${name}.onnx`), {isolate: false}).catch(() => undefined)
      const outcome = file?.graph ? await runCase(file, given).catch(String) : 'refused'
      if (outcome === 'refused') refused++
      else if (typeof outcome === 'number' && outcome < (given.output.half ? 2e-3 : 1e-4)) {
        agreed++
        for (const op of given.operators) right.add(op)
      } else wrong.push(`${name}: ${outcome}`)
      tf.disposeVariables()
    }
    console.info(`${agreed} cases agree, ${refused} are refused, ${wrong.length} differ`)

    expect(wrong).toEqual([])
    expect(agreed).toBeGreaterThan(550)
    expect(Object.keys(onnxOperators).filter((op) => !right.has(op))).toEqual([])
  }, 600_000)
})
