import type {AbdPlugin} from '@abd/core'
import {cleanKd} from './clean-kd/clean-kd.ts'
import {cmi} from './cmi/cmi.ts'
import {dafl} from './dafl/dafl.ts'
import {deepInversion} from './deepinversion/deepinversion.ts'
import {dfad} from './dfad/dfad.ts'
import {dfq} from './dfq/dfq.ts'
import {ood} from './ood/ood.ts'
import {zskt} from './zskt/zskt.ts'

export const distillPlugin: AbdPlugin = {
  name: '@abd/plugin-distill',
  methods: [ood, zskt, cmi, deepInversion, dafl, dfq, dfad, cleanKd],
}

export {cleanKd, cmi, dafl, deepInversion, dfad, dfq, ood, zskt}
