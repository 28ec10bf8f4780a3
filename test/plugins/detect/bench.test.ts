import {silent} from '@abd/core'
import {readCalibration} from '../../../src/audit/calibration.ts'
import {emptyReport} from '../../../src/audit/empty-report.ts'
import type {Report} from '@abd/core/audit'
import {existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {beforeEach, describe, expect, test} from 'vitest'
import type {BenchSettings} from '../../../plugins/detect/src/bench/audit-models.ts'
import {benchTexts} from '../../../plugins/detect/src/bench/bench-texts.ts'
import {findModels} from '../../../plugins/detect/src/bench/find-models.ts'
import type {Outcome} from '../../../plugins/detect/src/bench/outcome.ts'
import {runBench, trojai} from '../../../plugins/detect/src/bench/run-bench.ts'
import {kindOf, Sidecar} from '../../../plugins/detect/src/bench/sidecar.ts'
import {summariseBench} from '../../../plugins/detect/src/bench/summarise-bench.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'abd-bench-'))
})

const put = (name: string, sidecar?: object, content = name) => {
  const path = join(folder, name)
  mkdirSync(join(path, '..'), {recursive: true})
  writeFileSync(path, content)
  if (sidecar) writeFileSync(path.replace(/\.[a-z]+$/, '.json'), JSON.stringify(sidecar))
}

const outcome = (more: Partial<Outcome>): Outcome => ({
  ...{sha256: '0'.repeat(64), engine: 'cpu'},
  ...{name: 'm', attack: 'clean', target: null, kind: null, architecture: 'wrn-16-1', dataset: null},
  input: [32, 32, 3],
  ...{verdict: 'pass', score: 0.5, suspectedTarget: null, seconds: 1, statistics: {}},
  ...more,
})

describe('the figures of a benchmark', () => {
  const outcomes = [
    outcome({name: 'a', score: 0.2}),
    outcome({name: 'b', score: 0.4, verdict: 'block', seconds: 3}),
    outcome({name: 'c', attack: 'badnet_grid', target: 3, score: 0.8, verdict: 'block', suspectedTarget: 3}),
    outcome({
      name: 'd',
      attack: 'blend',
      target: 1,
      score: null,
      verdict: 'error',
      architecture: 'resnet-14',
    }),
  ]

  test('a model without a score counts as even odds', () => {
    const {all} = summariseBench(outcomes)
    expect(all.crossEntropy).toBeCloseTo(-(2 * Math.log(0.8) + Math.log(0.6) + Math.log(0.5)) / 4, 12)
    expect(all.brier).toBeCloseTo((0.04 + 0.16 + 0.04 + 0.25) / 4, 12)
    expect(all.auroc?.value).toBe(1)
    expect(all).toMatchObject({clean: 2, poisoned: 2, errors: 1})
    expect(all.falseBlocks).toMatchObject({k: 1, n: 2})
    expect(all.blocked).toMatchObject({k: 1, n: 2})
    expect(all.targetNamed).toMatchObject({k: 1, n: 1})
  })

  test('each attack stands against all clean models', () => {
    const {byAttack, byArchitecture, secondsPerModel} = summariseBench(outcomes)
    expect(byAttack.map(({name, clean, poisoned}) => [name, clean, poisoned])).toEqual([
      ['badnet_grid', 2, 1],
      ['blend', 2, 1],
    ])
    expect(byArchitecture.map(({name, auroc}) => [name, auroc?.value ?? null])).toEqual([
      ['resnet-14', null],
      ['wrn-16-1', 1],
    ])
    expect(secondsPerModel).toEqual({mean: 1.5, longest: 3})
    const {head, rows} = benchTexts(summariseBench(outcomes))
    expect(rows.every((row) => row.length === head.length)).toBe(true)
  })

  test('what was made to be hard to find stands apart, and so do other shapes of input', () => {
    const of = (more: object) => {
      const sidecar = Sidecar.parse({attack: 'badnet_grid', ...more})
      return outcome({attack: sidecar.attack, kind: kindOf(sidecar)})
    }
    const {byKind, byArchitecture} = summariseBench([
      outcome({input: [32, 32, 1]}),
      of({attack: 'clean', asr: null, adaptive: false}),
      of({asr: 0.7}),
      of({asr: null}),
      of({}),
      of({asr: 0.69, adaptive: false}),
      of({asr: 0.2, adaptive: true}),
    ])
    expect(byKind.map(({name, clean, poisoned}) => [name, clean, poisoned])).toEqual([
      ['usual', 2, 3],
      ['low ASR', 2, 1],
      ['adaptive', 2, 1],
    ])
    expect(byArchitecture.map(({name, clean, poisoned}) => [name, clean, poisoned])).toEqual([
      ['wrn-16-1 32x32x1', 1, 0],
      ['wrn-16-1 32x32x3', 1, 5],
    ])
    expect(benchTexts(summariseBench([of({}), of({asr: 0.4})])).rows.map(([name]) => name)).toEqual([
      ...['all', 'all usual', 'all low ASR', 'badnet_grid'],
    ])
  })

  test('each detector stands alone where it has a statistic', () => {
    const {byDetector} = summariseBench([
      outcome({statistics: {skew: 0.2, probes: 0.3}}),
      outcome({attack: 'sig', statistics: {skew: 0.1, probes: 0.9}}),
      outcome({attack: 'sig', statistics: {skew: 0.4}}),
    ])
    expect(
      byDetector.map(({detector, clean, poisoned, auroc, found}) => [
        ...[detector, clean, poisoned, auroc.value],
        `${found.k} of ${found.n}`,
      ]),
    ).toEqual([
      ['probes', 1, 1, 1, '1 of 1'],
      ['skew', 1, 2, 0.5, '1 of 2'],
    ])
  })

  test('TrojAI takes a probability for every model', () => {
    expect(trojai([...outcomes.slice(2), outcome({name: 'x, "y".pt', score: 0.1})])).toBe(
      'c,0.8\nd,0.5\n"x, ""y"".pt",0.1\n',
    )
  })
})

describe('the models of a folder', () => {
  test('are those with a sidecar, in the folders below too, by name', async () => {
    put('b.pt', {attack: 'clean', epochs: 3})
    put('deep/er/a.safetensors', {attack: 'sig', target: 2, mean: [0.5], std: [0.2]})
    put('nobody.pth')
    put('notes.txt')
    const {models, unknown} = await findModels(folder)
    expect(models.map(({name}) => name)).toEqual(['b.pt', 'deep/er/a.safetensors'])
    expect(models[1]?.sidecar).toMatchObject({attack: 'sig', target: 2})
    expect(unknown).toEqual(['nobody.pth'])
  })

  test('what cannot be understood is named', async () => {
    await expect(findModels(join(folder, 'none'))).rejects.toMatchObject({code: 'E_NO_MODELS', exit: 2})
    await expect(findModels(folder)).rejects.toMatchObject({code: 'E_NO_MODELS'})
    put('a.pt')
    await expect(findModels(folder)).rejects.toMatchObject({
      message: expect.stringContaining('sidecar') as string,
    })
    put('a.pt', {attack: 'clean', mean: [0.5]})
    await expect(findModels(folder)).rejects.toMatchObject({
      code: 'E_SIDECAR',
      message: expect.stringMatching(/a\.json.*mean and std go together/s) as string,
    })
    // What an audit would refuse is refused before the first one.
    for (const std of [[50], [0.5, 0.5]]) {
      put('a.pt', {attack: 'clean', mean: [0.5], std})
      await expect(findModels(folder)).rejects.toMatchObject({code: 'E_SIDECAR'})
    }
    writeFileSync(join(folder, 'a.json'), '{"attack": ')
    await expect(findModels(folder)).rejects.toMatchObject({code: 'E_SIDECAR', exit: 4})
  })
})

describe('a run', () => {
  const report = (path: string, more: Partial<Report>): Report => ({
    ...emptyReport(
      path,
      {
        plan: {profile: 'quick', detectors: [], recheck: [], baseImages: 1, transfer: null},
        policySource: 'built-in',
        seed: 0,
        asked: {},
        triggers: [],
      } as unknown as Parameters<typeof emptyReport>[1],
      {
        context: {engine: {name: 'cpu', version: '1', device: 'cpu', threads: 1}},
        now: () => new Date(0),
      } as unknown as Parameters<typeof emptyReport>[2],
    ),
    ...more,
  })
  const settings: BenchSettings = {
    profile: 'quick',
    seed: 0,
    engine: 'cpu',
    calibration: undefined,
    normalisation: 'sidecar',
  }
  const common = {jobs: 2, version: '0.1.0', progress: silent, signal: new AbortController().signal}
  const bench = (run: (command: readonly string[]) => Promise<unknown>, more: object = {}) =>
    runBench(folder, {
      settings: {...settings, ...more},
      folder: join(folder, 'out'),
      merge: [],
      ...common,
      run,
    })

  beforeEach(() => {
    put('clean.pt', {attack: 'clean', mean: [0.5, 0, 0], std: [1, 1, 1]})
    put('sub/bad<i>.pt', {attack: 'badnet_grid', target: 0, arch: 'wrn16-1'})
  })

  const answer = async (command: readonly string[]): Promise<unknown> => [
    command[1]!.includes('bad')
      ? report(command[1]!, {verdict: 'block', score: 0.9, suspectedTarget: 0})
      : report(command[1]!, {verdict: 'pass', score: 0.1}),
  ]

  test('audits each model as a user would, and tells how it went', async () => {
    const commands: (readonly string[])[] = []
    const result = await bench((command) => {
      commands.push(command)
      return answer(command)
    })
    expect(commands.find((command) => command[1]!.endsWith('clean.pt'))).toEqual([
      ...['audit', join(folder, 'clean.pt'), '--profile', 'quick', '--seed', '0', '--engine', 'cpu'],
      ...['--mean', '0.5,0,0', '--std', '1,1,1', '--out', join(folder, 'out/reports/clean.pt')],
    ])
    expect(result.summary.all.auroc?.value).toBe(1)
    expect(readFileSync(join(folder, 'out/trojai.csv'), 'utf8')).toBe('clean.pt,0.1\nsub/bad<i>.pt,0.9\n')
    const page = readFileSync(join(folder, 'out/bench.html'), 'utf8')
    expect(page).toContain('sub/bad&lt;i&gt;.pt')
    expect(page).toContain('href="reports/sub/bad%3Ci%3E.pt/report.html"')
    expect(page).not.toContain('bad<i>')
  })

  test('a second run only audits what is new or asked for otherwise', async () => {
    const asked: string[] = []
    const counting = (command: readonly string[]) => {
      asked.push(command[1]!)
      return answer(command)
    }
    await bench(counting)
    expect((await bench(counting)).reused).toBe(2)
    expect(asked).toHaveLength(2)
    put('clean.pt', undefined, 'other weights')
    expect((await bench(counting)).reused).toBe(1)
    expect((await bench(counting, {seed: 1})).reused).toBe(0)
    expect((await bench(counting, {normalisation: 'guess'})).reused).toBe(1)
  })

  test('audits again what was ranked among other clean models than those that ship now', async () => {
    const among = (id: string) => async (command: readonly string[]) => [
      report(command[1]!, {
        verdict: 'pass',
        score: 0.1,
        calibration: {id, models: 20, smallestP: 0.05, applies: true},
      }),
    ]
    const {id} = await readCalibration()
    await bench(among('clean-0'))
    expect((await bench(among(id))).reused).toBe(0)
    expect((await bench(among(id))).reused).toBe(2)
  })

  describe('put together with others', () => {
    const nothing = async () => {
      throw new Error('nothing is audited')
    }
    const merged = (merge: readonly string[], directory?: string) =>
      runBench(directory, {settings, folder: join(folder, 'both'), merge, ...common, run: answer})
    const kept = () => join(folder, 'out/bench.json')
    const change = (more: object) => {
      const path = join(folder, 'other.json')
      writeFileSync(path, JSON.stringify({...(JSON.parse(readFileSync(kept(), 'utf8')) as object), ...more}))
      return path
    }

    test('counts the models of another bench, each once, its own first', async () => {
      const {summary, models, terms} = await bench(answer)
      const [one] = models
      const other = change({
        models: [
          {...one, name: 'elsewhere.pt', sha256: 'f'.repeat(64)},
          {...one, score: 0.99},
        ],
      })
      const both = await merged([other], folder)
      expect(both.models.map(({name, score}) => [name, score])).toEqual([
        ['clean.pt', 0.1],
        ['elsewhere.pt', 0.1],
        ['sub/bad<i>.pt', 0.9],
      ])
      expect(both).toMatchObject({merged: 1, reused: 0, terms})
      expect(both.summary.all).toMatchObject({clean: 2, poisoned: 1})
      const page = readFileSync(join(folder, 'both/bench.html'), 'utf8')
      expect(page).toContain('href="reports/clean.pt/report.html"')
      expect(page).not.toContain('href="reports/elsewhere.pt')
      expect((await merged([kept()])).summary).toEqual(summary)
      expect(existsSync(join(folder, 'both/audits'))).toBe(true)
    })

    test('without a folder nothing is audited', async () => {
      await bench(answer)
      const out = join(folder, 'alone')
      await runBench(undefined, {settings, folder: out, merge: [kept()], ...common, run: nothing})
      expect(readdirSync(out).sort()).toEqual(['bench.html', 'bench.json', 'trojai.csv'])
    })

    test('does not overwrite what it is merged from', async () => {
      await bench(answer)
      const before = readFileSync(kept(), 'utf8')
      await expect(
        runBench(undefined, {
          settings,
          folder: join(folder, 'out'),
          merge: [kept()],
          ...common,
          run: nothing,
        }),
      ).rejects.toMatchObject({code: 'E_BENCH', message: expect.stringContaining('overwritten') as string})
      expect(readFileSync(kept(), 'utf8')).toBe(before)
    })

    test('tells calibrations of the same id apart by what they hold', async () => {
      const path = join(folder, 'calibration.json')
      const calibrated = async () => (await bench(answer, {calibration: path})).terms.calibration
      const {id: _, ...shipped} = await readCalibration()
      writeFileSync(path, JSON.stringify({...shipped, id: 'own-1'}))
      const one = await calibrated()
      expect(one).toMatch(/^own-1 [0-9a-f]{12}$/)
      writeFileSync(path, JSON.stringify({...shipped, id: 'own-1', models: shipped.models.slice(1)}))
      expect(await calibrated()).not.toBe(one)
    })

    test('refuses what was measured otherwise, before anything is audited', async () => {
      const {terms} = await bench(answer)
      for (const more of [{profile: 'standard'}, {seed: 1}, {calibration: 'own-1'}, {version: '0.2.0'}])
        await expect(merged([change({terms: {...terms, ...more}})], folder)).rejects.toMatchObject({
          code: 'E_BENCH_TERMS',
          message: expect.stringMatching(
            /other\.json has .*, this run has .*: their models cannot/,
          ) as string,
        })
      expect(existsSync(join(folder, 'both'))).toBe(false)
    })
  })

  test('says where a sidecar cannot be true of its model', async () => {
    put('sub/bad<i>.pt', {attack: 'badnet_grid', target: 10})
    const {contradicted} = await bench(async (command) => {
      const [one] = (await answer(command)) as [Report]
      return [{...one, model: {...one.model, classes: 10}}]
    })
    expect(contradicted).toEqual([
      "sub/bad<i>.pt: its sidecar has class 10 for the target, and the model's classes go from 0 to 9.",
    ])
  })

  test('an audit that ends without a report stops the run by name, and keeps what is done', async () => {
    const failing = (command: readonly string[]) =>
      command[1]!.includes('bad') ? Promise.reject(new Error('killed')) : answer(command)
    await expect(bench(failing)).rejects.toMatchObject({code: 'E_AUDIT', message: 'sub/bad<i>.pt: killed'})
    expect(readdirSync(join(folder, 'out/audits'))).toHaveLength(1)
    await expect(bench(async () => [{nonsense: true}])).rejects.toMatchObject({code: 'E_AUDIT'})
    expect((await bench(answer)).reused).toBe(1)
  })
})
