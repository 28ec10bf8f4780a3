import {createHash} from 'node:crypto'
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
  ...{name: 'm.pt', sha256: '0'.repeat(64), engine: 'tensorflow'},
  ...{attack: 'clean', target: null, kind: null, architecture: 'wrn-16-1', dataset: null},
  input: [32, 32, 3],
  ...{verdict: 'pass', score: 0.3, suspectedTarget: null, seconds: 1, statistics: {}},
}
const kept = {schemaVersion: 3, terms, summary: 'computed anew', models: [model]}

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
    ['of an older version', '{"schemaVersion": 1}', /written by another version of abd/],
    ['without models', JSON.stringify({...kept, models: []}), /models/],
    [
      'with a kind of attack on a clean model',
      JSON.stringify({...kept, models: [{...model, kind: 'usual'}]}),
      /models\.0\.kind/,
    ],
    [
      'with a score of what could not be audited',
      JSON.stringify({...kept, models: [{...model, verdict: 'error'}]}),
      /models\.0\.score/,
    ],
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

const named = (name: string, more: Partial<Outcome> = {}): Outcome => ({
  ...model,
  name,
  sha256: createHash('sha256').update(name).digest('hex'),
  ...more,
})

test('models stand by name, and of a model that several have the earlier one', () => {
  const parts = [
    {path: 'one', terms, models: [named('b')]},
    {path: 'other', terms, models: [named('a'), named('b', {seconds: 9})]},
    {path: 'third', terms, models: [named('sub/b', {sha256: named('b').sha256, seconds: 8})]},
  ]
  expect(mergeBenches(parts).map(({name, seconds}) => [name, seconds])).toEqual([
    ['a', 1],
    ['b', 1],
  ])
})

test.each([
  [
    'another model of the same name',
    named('b', {sha256: 'f'.repeat(64)}),
    'E_BENCH',
    /b of other is another file/,
  ],
  [
    'the same model with another attack',
    named('b', {attack: 'sig', kind: 'usual'}),
    'E_BENCH',
    /b of other is 'sig' in place of 'clean'/,
  ],
  [
    'a model audited by another engine',
    named('c', {engine: 'wasm'}),
    'E_BENCH_TERMS',
    /engine wasm, one has tensorflow/,
  ],
] as const)('%s is refused', (_, outcome, code, message) => {
  const parts = [
    {path: 'one', terms, models: [named('b')]},
    {path: 'other', terms, models: [outcome]},
  ]
  expect(() => mergeBenches(parts)).toThrow(
    expect.objectContaining({code, message: expect.stringMatching(message) as string}),
  )
})
