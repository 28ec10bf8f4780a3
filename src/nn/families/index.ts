import {cifarResNets} from './cifar-resnets.ts'
import {cmiVggs} from './cmi-vggs.ts'
import {denseNets} from './dense-nets.ts'
import type {Family} from './family.ts'
import {iBauVggs} from './i-bau-vggs.ts'
import {mobileNetV2s, shuffleNetV2s} from './mobile-nets.ts'
import {plainCnns} from './plain-cnns.ts'
import {preActResNets, resNets} from './resnets.ts'
import {wideResNets} from './wide-resnets.ts'

export type {Input, Sizes} from './family.ts'

/** The first that claims a file's tensors has it: what is told by more names comes before what has some of them too. */
export const families: readonly Family[] = [
  denseNets,
  wideResNets,
  cifarResNets,
  resNets,
  preActResNets,
  mobileNetV2s,
  shuffleNetV2s,
  iBauVggs,
  cmiVggs,
  plainCnns,
]
