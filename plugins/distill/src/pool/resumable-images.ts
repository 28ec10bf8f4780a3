import type {Images} from '@abd/core/data'
import {savedTensor} from '@abd/core/train'
import type {Resumable} from '@abd/core/train'

/** Images that there may be none of yet. */
export const resumableImages = (
  read: () => Images | undefined,
  restore: (images: Images) => void,
): Resumable => ({
  async save() {
    const images = read()
    if (!images) return new Map()
    const {count, height, width, channels, data} = images
    return new Map([
      ['images', {dtype: 'uint8', shape: [count, height, width, channels], data: data.slice()}],
    ])
  },
  async restore(saved) {
    if (!saved.has('images')) return
    const {shape, data} = savedTensor(saved, 'images', {dtype: 'uint8'})
    const [count, height, width, channels] = shape as [number, number, number, number]
    restore({count, height, width, channels, data: data as Uint8Array<ArrayBuffer>})
  },
})
