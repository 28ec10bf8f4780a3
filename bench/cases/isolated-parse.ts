import {readModelFile, writeTorchZip} from '@abd/core/modelfile'
import {mkdtemp, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import type {Case} from '../case.ts'
import {timed} from '../case.ts'

export const isolatedParse: Case = {
  name: 'isolated-parse',
  summary: 'Reading a small PyTorch file whose structure is parsed in a process without rights',
  unit: 's',
  better: 'smaller',
  runs: 7,
  async setUp() {
    const folder = await mkdtemp(join(tmpdir(), 'abd-bench-'))
    const path = join(folder, 'small.pt')
    await writeTorchZip(path, new Map([['w', {dtype: 'float32', shape: [2], data: Float32Array.of(1, 2)}]]))
    return {
      run: () => timed(() => readModelFile(path, {isolate: true})),
      tearDown: () => rm(folder, {recursive: true}),
    }
  },
}
