import {defineMethod} from '@abd/core'
import {z} from 'zod'
import {anchor} from './anchor.ts'
import {assetPixels} from './asset-pixels.ts'

export const trojanWm = defineMethod({
  kind: 'trigger',
  name: 'trojan_wm',
  summary: 'A watermark of thin coloured strokes added over the image',
  paper: 'https://docs.lib.purdue.edu/cstech/1781/',
  options: z.strictObject({}),
  create() {
    const pixels = assetPixels('trojan_wm.png')
    return (shape) => anchor('trojan_wm', shape, 'add', pixels)
  },
})
