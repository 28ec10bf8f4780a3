import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {batchesOf} from '../../../src/track/client/batches-of.ts'
import {checkArtifactPath, storableArtifactPath} from '../../../src/track/client/artifact-path.ts'
import {flattened, storableKey} from '../../../src/track/names.ts'
import {parseModelAddress} from '../../../src/track/registry/model-address.ts'

describe('storableKey', () => {
  it.each([
    ['recall@5', 'recall_at_5'],
    ['Eval/test_acc', 'Eval/test_acc'],
    ['test asr', 'test asr'],
    ['/a//b/', 'a/b'],
    ['a..b', 'a_b'],
    ['50%', '50_percent'],
    ['größe', 'größe'],
    ['f(x)=1', 'f_x__1'],
    ['', '_'],
    ['./a', '_/a'],
  ])('%j is %j', (name, key) => {
    expect(storableKey(name)).toBe(key)
  })

  it('always is one that MLflow takes', () => {
    fc.assert(
      fc.property(fc.string({unit: 'grapheme', maxLength: 400}), (name) => {
        const key = storableKey(name)
        expect(key).toMatch(/^[\p{L}\p{N}_ \-.:/]{1,250}$/u)
        expect(key).not.toMatch(/^\/|\/$|\/\/|\.\./)
      }),
    )
  })

  it('keeps long names apart', () => {
    const long = 'x'.repeat(300)
    expect(storableKey(`${long}1`)).not.toBe(storableKey(`${long}2`))
  })
})

describe('flattened', () => {
  it('names every value by its path', () => {
    expect([...flattened({a: {b: 1, c: [1, 2]}, d: null, e: undefined, f: 'x'})]).toEqual([
      ['a.b', '1'],
      ['a.c', '[1,2]'],
      ['d', 'null'],
      ['f', 'x'],
    ])
  })
})

describe('batchesOf', () => {
  const metric = (step: number) => ({key: 'loss', value: 1, timestamp: 1, step})

  it('keeps the limits: 1000 in all, 100 parameters, 100 tags', () => {
    const params = Array.from({length: 250}, (_, i) => ({key: `p${i}`, value: 'x'}))
    const tags = Array.from({length: 101}, (_, i) => ({key: `t${i}`, value: 'x'}))
    const batches = batchesOf({metrics: Array.from({length: 2100}, (_, i) => metric(i)), params, tags})
    for (const {metrics, params: some, tags: others} of batches) {
      expect(metrics.length + some.length + others.length).toBeLessThanOrEqual(1000)
      expect(some.length).toBeLessThanOrEqual(100)
      expect(others.length).toBeLessThanOrEqual(100)
    }
    expect(batches.flatMap(({metrics}) => metrics.map(({step}) => step))).toEqual([...Array(2100).keys()])
    expect(batches.flatMap(({params: some}) => some)).toEqual(params)
  })

  it('does not put two values of one tag into one batch', () => {
    const tags = [
      {key: 'a', value: '1'},
      {key: 'a', value: '2'},
    ]
    expect(batchesOf({tags}).map((batch) => batch.tags)).toEqual([[tags[0]], [tags[1]]])
  })

  it('keeps below a megabyte', () => {
    const tags = Array.from({length: 100}, (_, i) => ({key: `t${i}`, value: 'ä'.repeat(8000)}))
    for (const batch of batchesOf({tags}))
      expect(Buffer.byteLength(JSON.stringify(batch))).toBeLessThan(1_000_000)
  })
})

describe('names of artifacts', () => {
  it.each([
    '',
    '/etc/passwd',
    '../x',
    'a/../b',
    'a//b',
    'a/./b',
    'C:x',
    'a\\b',
    'a\u0000b',
    'a\nb',
    'x'.repeat(1001),
  ])('refuses %j from a server', (path) => {
    expect(() => checkArtifactPath(path)).toThrow(expect.objectContaining({code: 'E_TRACKING_PATH'}) as Error)
  })

  it('leaves out what a server would decode', () => {
    expect(storableArtifactPath('a%41#b.txt')).toBe('a_41_b.txt')
  })
})

describe('parseModelAddress', () => {
  it.each([
    ['models:/signs/3', {kind: 'version', name: 'signs', version: '3', path: ''}],
    ['models:/signs/3/a/b.pt', {kind: 'version', name: 'signs', version: '3', path: 'a/b.pt'}],
    ['models:/signs@champion', {kind: 'alias', name: 'signs', alias: 'champion', path: ''}],
    ['models:/signs/latest', {kind: 'latest', name: 'signs', path: ''}],
    ['models:/m-0abc', {kind: 'logged', id: 'm-0abc', path: ''}],
    ['runs:/abc/model', {kind: 'run', runId: 'abc', path: 'model'}],
    ['teacher.pt', undefined],
    ['models/teacher.pt', undefined],
  ])('%s', (text, address) => {
    expect(parseModelAddress(text)).toEqual(address)
  })

  it.each(['models:/', 'models:/signs', 'models:/signs/three', 'runs:/', 'runs:/abc/../x'])(
    'refuses %s',
    (text) => {
      expect(() => parseModelAddress(text)).toThrow()
    },
  )
})
