import {AbdError} from '@abd/core'
import {isDangerous, readAndScan} from '@abd/core/modelfile'
import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {fuzzName, fuzzSeeds, mutate, mutation} from './fuzz-files.ts'
import {scratch} from './scratch.ts'

const {write} = scratch()
const RUNS = Number(process.env['ABD_FUZZ_RUNS'] ?? 750)
describe('damaged and forged files', () => {
  it.each(Object.entries(fuzzSeeds))('give a model or an AbdError, nothing else: %s', async (name, seed) => {
    const outcomes = {model: 0, error: 0}
    await fc.assert(
      fc.asyncProperty(fc.array(mutation, {minLength: 1, maxLength: 4}), async (mutations) => {
        const bytes = mutations.reduce(mutate, Buffer.from(seed))
        const path = await write(fuzzName(name), bytes)
        try {
          const {stateDict, scan, refusal} = await readAndScan(path)
          expect(
            stateDict.size > 0 ||
              isDangerous(scan) ||
              refusal !== undefined ||
              name === 'safetensors' ||
              name.startsWith('tfjs'),
          ).toBe(true)
          for (const {shape, data} of stateDict.values())
            expect(data.length).toBe(shape.reduce((a, b) => a * b, 1))
          outcomes.model++
        } catch (error) {
          if (!(error instanceof AbdError)) throw error
          fc.pre(error.code !== 'E_HDF5_SPENT')
          expect(error.hints.length).toBeGreaterThan(0)
          outcomes.error++
        }
      }),
      {numRuns: RUNS},
    )
    // A fuzzer that only ever meets one of the two tests half of the reader.
    expect(Math.min(outcomes.model, outcomes.error)).toBeGreaterThan(RUNS / 200)
  })
})
