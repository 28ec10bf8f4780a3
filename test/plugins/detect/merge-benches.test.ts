import {mkdtempSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {describe, expect, test} from 'vitest'
import {mergeBenches, readBench} from '../../../plugins/detect/src/bench/merge-benches.ts'
import type {Terms} from '../../../plugins/detect/src/bench/merge-benches.ts'
import type {Outcome} from '../../../plugins/detect/src/bench/outcome.ts'

const terms: Terms = {
  ...{profile: 'quick', seed: 0, engine: 'auto', normalisation: 'sidecar'},
  ...{calibration: 'clean-1', version: '0.1.0'},
}
const model: Outcome = {
  ...{name: 'm.pt', attack: 'clean', target: null, kind: null, architecture: 'wrn-16-1', dataset: null},
  input: [32, 32, 3],
  ...{verdict: 'pass', score: 0.3, suspectedTarget: null, seconds: 1, statistics: {}},
}
const kept = {schemaVersion: 2, terms, summary: 'computed anew', models: [model]}

function put(text: string): string {
  const path = join(mkdtempSync(join(tmpdir(), 'abd-merge-')), 'bench.json')
  writeFileSync(path, text)
  return path
}

describe('a bench of another run', () => {
  test('is read by its schema', async () => {
    const path = put(JSON.stringify(kept))
    expect(await readBench(path)).toEqual({path, terms, models: [model]})
  })

  test.each([
    ['no JSON', '{', /it is not JSON/],
    ['of an older version', '{"schemaVersion": 1}', /schemaVersion/],
    ['with a score above 1', JSON.stringify({...kept, models: [{...model, score: 2}]}), /models\.0\.score/],
    [
      'with a verdict that there is not',
      JSON.stringify({...kept, models: [{...model, verdict: 'fine'}]}),
      /models\.0\.verdict/,
    ],
  ])('is refused where it is %s', async (_, text, message) => {
    const path = put(text)
    await expect(readBench(path)).rejects.toMatchObject({
      ...{code: 'E_BENCH', exit: 2},
      message: expect.stringMatching(message) as string,
    })
  })

  test('that is not there is named', async () => {
    await expect(readBench('nowhere/bench.json')).rejects.toMatchObject({
      code: 'E_BENCH',
      message: 'nowhere/bench.json is no bench that can be merged: it cannot be read (ENOENT).',
    })
  })
})

test('models stand by name, and of two of a name the earlier one', () => {
  const parts = [
    {path: 'one', terms, models: [{...model, name: 'b'}]},
    {
      path: 'other',
      terms,
      models: [
        {...model, name: 'a'},
        {...model, name: 'b', seconds: 9},
      ],
    },
  ]
  expect(mergeBenches(parts).map(({name, seconds}) => [name, seconds])).toEqual([
    ['a', 1],
    ['b', 1],
  ])
})
