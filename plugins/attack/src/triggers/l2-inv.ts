import {defineMethod} from '@abd/core'
import {z} from 'zod'
import {anchor} from './anchor.ts'
import {assetPixels} from './asset-pixels.ts'

export const l2Inv = defineMethod({
  kind: 'trigger',
  name: 'l2_inv',
  summary: 'Faint coloured noise of small norm, added over the whole image',
  paper: 'https://arxiv.org/abs/1909.02742',
  options: z.strictObject({}),
  create() {
    const pixels = assetPixels('l2_inv.png')
    return (shape) => anchor('l2_inv', shape, 'add', pixels)
  },
})
