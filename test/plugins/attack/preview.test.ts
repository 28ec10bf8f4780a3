import type {Context} from '@abd/core'
import {createRegistry, silent} from '@abd/core'
import type {Images, Trigger} from '@abd/core/data'
import {readImage, writePng} from '@abd/core/data'
import {createRandom} from '@abd/core/engine'
import {mkdtemp, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {describe, expect, it} from 'vitest'
import {imagesToPreview} from '../../../plugins/attack/src/images-to-preview.ts'
import {attackPlugin} from '../../../plugins/attack/src/index.ts'
import {preview} from '../../../plugins/attack/src/preview.ts'
import {runPreview} from '../../../plugins/attack/src/run-preview.ts'
import {triggersFor} from '../../../plugins/attack/src/triggers-for.ts'

const context = {
  random: createRandom(3),
  progress: silent,
  signal: new AbortController().signal,
} as unknown as Context
const registry = createRegistry([attackPlugin])

describe('preview', () => {
  it('says how much a trigger changes', () => {
    const images: Images = {
      count: 2,
      height: 1,
      width: 4,
      channels: 1,
      data: Uint8Array.of(0, 0, 0, 0, 100, 0, 0, 0),
    }
    const dot: Trigger = {
      name: 'dot',
      height: 1,
      width: 4,
      channels: 1,
      keep: Float32Array.of(0, 1, 1, 1),
      add: Float32Array.of(100, 0, 0, 0),
      rescale: false,
      labels: 'dirty',
    }

    // One of four pixels, in the first image only: 100 of 8 bytes.
    expect(preview(images, [dot]).effects).toEqual([
      {trigger: 'dot', labels: 'dirty', pixels: 0.25, change: 12.5},
    ])
  })

  it('shows clean, stamped and the change of each image', () => {
    const images: Images = {count: 1, height: 1, width: 1, channels: 1, data: Uint8Array.of(200)}
    const darker: Trigger = {
      name: '',
      height: 1,
      width: 1,
      channels: 1,
      keep: Float32Array.of(1),
      add: Float32Array.of(-50),
      rescale: false,
      labels: 'dirty',
    }
    const {data} = preview(images, [darker]).sheet

    // 200 becomes 150; 50 less than the middle grey of 128 is 78.
    for (const value of [200, 150, 78]) expect(data).toContain(value)
  })
})

describe('triggersFor', () => {
  it('makes all that fit, and says why the others do not', () => {
    const {made, refused} = triggersFor(
      {trigger: 'all'},
      {height: 28, width: 28, channels: 1},
      registry,
      context,
    )

    expect(made.map(({name}) => name)).toEqual([
      ...['badnet_grid', 'badnet_sq', 'cl', 'sig', 'blend', 'smooth'],
      ...['wanet', 'faint'],
    ])
    expect(refused).toHaveLength(5)
    expect(refused[0]).toContain('l0_inv cannot be put on images of 28x28x1')
  })

  it('names the nearest of an unknown one', () => {
    expect(() =>
      triggersFor({trigger: 'badnet_gird'}, {height: 32, width: 32, channels: 3}, registry, context),
    ).toThrow(
      expect.objectContaining({
        code: 'E_TRIGGER_UNKNOWN',
        hints: expect.arrayContaining(["Did you mean 'badnet_grid'?"]),
      }),
    )
  })

  it('gives a trigger its options', () => {
    const shape = {height: 32, width: 32, channels: 3}
    const settings = ['sig.form=additive']
    const [sig] = triggersFor({trigger: 'SIG', settings}, shape, registry, context).made
    const all = triggersFor({trigger: 'all', settings}, shape, registry, context).made

    // The additive form keeps the whole image, the wrapped one 0.8 of it.
    expect(sig!.keep[0]).toBe(1)
    expect(all.find(({name}) => name === 'sig')!.keep[0]).toBe(1)
  })

  it('refuses a picture for one that takes none', () => {
    expect(() =>
      triggersFor({trigger: 'sig', image: 'a.png'}, {height: 32, width: 32, channels: 3}, registry, context),
    ).toThrow(
      expect.objectContaining({
        code: 'E_OPTIONS',
        message: '--image a.png: the trigger sig takes no picture.',
      }),
    )
  })
})

describe('imagesToPreview', () => {
  it('renders as many signs as are asked for', async () => {
    expect(await imagesToPreview('signs', 3, context)).toMatchObject({
      count: 3,
      height: 32,
      width: 32,
      channels: 3,
    })
  })
})

describe('runPreview', () => {
  it('takes a picture as a trigger, and never writes over it', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'abd-preview-'))
    const trigger = join(folder, 'scar.trigger.png')
    const draw = (out: string) => runPreview({trigger, dataset: 'signs', count: 1, out}, registry, context)
    try {
      // One pixel of 32x32 brightens by at most 30 bytes.
      const data = new Uint8Array(3072)
      data.fill(30, 0, 3)
      await writePng(trigger, {count: 1, height: 32, width: 32, channels: 3, data})
      const {effects} = await draw(join(folder, 'a.png'))

      expect(effects).toMatchObject([{trigger, labels: 'dirty', pixels: 1 / 1024}])
      await expect(draw(trigger)).rejects.toMatchObject({code: 'E_OUT_IN_USE'})
    } finally {
      await rm(folder, {recursive: true})
    }
  })

  it('writes the sheet, the same for the same seed, or says why it cannot', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'abd-preview-'))
    const draw = (out: string) =>
      runPreview({trigger: 'badnet_sq', dataset: 'signs', count: 2, out}, registry, context)
    try {
      const {effects} = await draw(join(folder, 'a.png'))
      await draw(join(folder, 'b.png'))

      // 16 of 1024 pixels.
      expect(effects).toMatchObject([{trigger: 'badnet_sq', pixels: 16 / 1024}])
      expect(readImage(join(folder, 'a.png'))).toEqual(readImage(join(folder, 'b.png')))
      await draw(join(folder, 'new', 'c.png'))
      expect(readImage(join(folder, 'new', 'c.png'))).toEqual(readImage(join(folder, 'a.png')))
      await expect(draw(join(folder, 'a.png', 'c.png'))).rejects.toMatchObject({
        code: 'E_OUT_UNWRITABLE',
        exit: 4,
      })
    } finally {
      await rm(folder, {recursive: true})
    }
  })
})
