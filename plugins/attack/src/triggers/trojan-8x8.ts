import {defineMethod} from '@abd/core'
import {z} from 'zod'
import {anchor} from './anchor.ts'
import {assetPixels} from './asset-pixels.ts'

export const trojan8x8 = defineMethod({
  kind: 'trigger',
  name: 'trojan_8x8',
  summary: 'A coloured patch of nine by nine pixels added near the bottom-right corner',
  paper: 'https://docs.lib.purdue.edu/cstech/1781/',
  options: z.strictObject({}),
  create() {
    const pixels = assetPixels('trojan_sq.png')
    return (shape) => anchor('trojan_8x8', shape, 'add', pixels)
  },
})
