import {encode} from 'fast-png'
import {mkdtemp, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {stamp} from '../../../src/data/stamp.ts'
import {triggerFromImage} from '../../../src/data/trigger-from-image.ts'
import {grey, ramp} from './ramp.ts'

const shape = {height: 1, width: 3, channels: 1}
let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'abd-trigger-'))
  const png = (name: string, channels: number, data: readonly number[]) =>
    writeFile(
      join(folder, name),
      encode({width: data.length / channels, height: 1, channels, data: Uint8Array.from(data)}),
    )
  await png('image.png', 1, [0, 200, 100])
  await png('mask.png', 1, [0, 255, 51])
  await png('alpha.png', 2, [0, 0, 200, 255, 100, 51])
  await png('opaque.png', 2, [0, 255, 200, 255, 100, 255])
  await png('short.png', 1, [1, 2])
})
afterAll(() => rm(folder, {recursive: true}))

const on = async (files: {image: string; mask?: string}) => {
  const trigger = await triggerFromImage(
    {image: join(folder, files.image), ...(files.mask ? {mask: join(folder, files.mask)} : {})},
    shape,
  )
  return [...stamp(grey([50, 50, 50]), trigger).data]
}

describe('triggerFromImage', () => {
  it('refuses what changes no pixel', async () => {
    await writeFile(
      join(folder, 'blank.png'),
      encode({width: 3, height: 1, channels: 1, data: new Uint8Array(3)}),
    )
    await expect(on({image: 'blank.png'})).rejects.toThrow('changes no pixel')
    await expect(on({image: 'image.png', mask: 'blank.png'})).rejects.toThrow('changes no pixel')
  })

  it('covers where the mask is white, blends where it is grey', async () => {
    // 50; 200; 51/255 = 0.2: 0.8·50 + 0.2·100 = 60
    expect(await on({image: 'image.png', mask: 'mask.png'})).toEqual([50, 200, 60])
  })

  it('takes transparency for the mask', async () => {
    expect(await on({image: 'alpha.png'})).toEqual([50, 200, 60])
  })

  it('adds a picture without either', async () => {
    expect(await on({image: 'image.png'})).toEqual([50, 250, 150])
    expect(await on({image: 'opaque.png'})).toEqual([50, 250, 150])
  })

  it('serves colour images too', async () => {
    const trigger = await triggerFromImage({image: join(folder, 'image.png')}, {...shape, channels: 3})

    expect([...stamp(ramp(1, 1, 3, 3), trigger).data]).toEqual([0, 1, 2, 203, 204, 205, 106, 107, 108])
  })

  it('is not resized', async () => {
    await expect(on({image: 'short.png'})).rejects.toMatchObject({
      code: 'E_TRIGGER_SHAPE',
      message: expect.stringContaining("short.png is 1x2 pixels, the network's images are 1x3"),
    })
    await expect(on({image: 'image.png', mask: 'short.png'})).rejects.toMatchObject({code: 'E_TRIGGER_SHAPE'})
    await expect(on({image: 'none.png'})).rejects.toMatchObject({code: 'E_FILE_MISSING', exit: 4})
  })
})
