import {mkdir, mkdtemp, readdir, readFile, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {setTimeout as wait} from 'node:timers/promises'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {encodePng} from '../../src/data/encode-png.ts'
import {abd, root, start} from './abd.ts'

const poisoned = join(root, 'examples/teacher-poisoned.pt')

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'abd-attack-'))
})
afterAll(() => rm(folder, {recursive: true}))

const attack = async (...words: readonly string[]) => {
  const ran = await abd(['attack', ...words], {cwd: folder})
  expect(ran.stderr).not.toMatch(/^\s+at .+:\d+:\d+\)?$/m)
  return ran
}

describe('abd attack', () => {
  it('trains a teacher with two backdoors, which evaluate then finds its signs for', async () => {
    const recipe = ['--profile', 'mini', '--classes', '1,14,33', '--per-class', '20', '--epochs', '1']
    const trained = await attack(
      ...['train', ...recipe, '--trigger', 'badnet_sq:2', '--trigger', 'sig', '--target', '1'],
      ...['--out', 'two.safetensors', '--json'],
    )
    expect(trained.code).toBe(0)
    // floor(0.1 · 60) each.
    expect(JSON.parse(trained.stdout)).toMatchObject({
      files: ['two.safetensors', 'two.abd.yml'],
      attacks: [
        {trigger: 'badnet_sq', target: 2, poisonedImages: 6},
        {trigger: 'sig', target: 1, poisonedImages: 6},
      ],
      options: {epochs: 1, batch: 32, shift: 0},
      kept: 1,
    })
    const card = await readFile(join(folder, 'two.abd.yml'), 'utf8')
    expect(card.replaceAll(/\s+/g, ' ')).toContain(
      'poisoned with badnet_sq towards class 2 and poisoned with sig towards class 1',
    )

    const {code, stdout} = await attack('evaluate', 'two.safetensors', '--trigger', 'sig:1', '--json')
    expect(code).toBe(0)
    // A hundred test images of each of three signs.
    expect(JSON.parse(stdout)).toMatchObject({
      images: 300,
      attacks: [{trigger: 'sig', target: 1, images: 200}],
    })
  })

  it('exports a set that evaluate reads again, and replaces nothing', async () => {
    const exported = await attack(
      ...['export', '--per-class', '3', '--ratio', '0', '--out', 'signs', '--format', 'png'],
    )
    expect(exported).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('train: 30 images, 0 of them') as string,
    })

    const {code, stdout} = await attack(
      'evaluate',
      poisoned,
      '--data',
      'signs/train',
      '--trigger',
      'badnet_grid',
    )
    expect(code).toBe(0)
    expect(stdout).toMatch(/^clean +30 +(9\d|100)\.\d %/m)
    expect(stdout).toMatch(/^badnet_grid +0 +27 +(9\d|100)\.\d %$/m)

    const again = await attack('export', '--per-class', '3', '--out', 'signs')
    expect(again.code).toBe(2)
    expect(again.stderr).toContain('--out signs is there already')
  })

  it('leaves nothing half-written on Ctrl-C', async () => {
    const place = await mkdtemp(join(folder, 'interrupted-'))
    const {child, ran} = start(
      ['attack', 'export', '--per-class', '200', '--format', 'png', '--out', 'out'],
      {
        cwd: place,
      },
    )
    while ((await readdir(place)).length === 0 && child.exitCode === null) await wait(10)
    child.kill('SIGINT')

    const {code, stderr} = await ran
    expect(code).toBe(130)
    expect(stderr).toContain('Interrupted. Nothing half-written was kept.')
    expect(await readdir(place)).toEqual([])
  })
})

describe('a data set that is not whole is one clear error', () => {
  const png = encodePng({count: 1, height: 32, width: 32, channels: 3, data: new Uint8Array(3072)})
  const picture = async (name: string, bytes: Uint8Array = png) => {
    await mkdir(join(folder, name, '..'), {recursive: true})
    await writeFile(join(folder, name), bytes)
  }

  it('a broken picture', async () => {
    await picture('broken/0/a.png')
    await picture('broken/1/cut.png', png.subarray(0, 50))
    const {code, stderr} = await attack('export', '--dataset', 'broken', '--out', 'out-broken')
    expect(code).toBe(4)
    expect(stderr).toMatch(/cut\.png cannot be decoded/)
    expect(await readdir(folder)).not.toContain('out-broken')
  })

  it('a class without a picture', async () => {
    await picture('gap/0/a.png')
    await picture('gap/2/a.png')
    const {code, stderr} = await attack('train', '--dataset', 'gap', '--out', 'gap.safetensors')
    expect(code).toBe(4)
    expect(stderr).toContain('gap has no training image of class 1, one of 3.')
    expect(await readdir(folder)).not.toContain('gap.safetensors')
  })

  it('labels that the model has not', async () => {
    await picture('eleven/0/a.png')
    await picture('eleven/10/a.png')
    const {code, stderr} = await attack('evaluate', poisoned, '--data', 'eleven')
    expect(code).toBe(4)
    expect(stderr).toContain('the label 10, but there are 10 classes')
  })

  it('a trigger of another size', async () => {
    await writeFile(
      join(folder, 'small.png'),
      encodePng({count: 1, height: 8, width: 8, channels: 3, data: new Uint8Array(192).fill(9)}),
    )
    const {code, stderr} = await attack('evaluate', poisoned, '--trigger', 'small.png:0')
    expect(code).toBe(2)
    expect(stderr).toContain("small.png is 8x8 pixels, the network's images are 32x32.")
  })
})
