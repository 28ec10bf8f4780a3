import {kerasH5} from './keras/reader.ts'
import {onnx} from './onnx/reader.ts'
import {numpyArray} from './pickle/npy-reader.ts'
import {pickle} from './pickle/reader.ts'
import type {ModelReader} from './reader.ts'
import {safetensors} from './safetensors/reader.ts'
import {savedModel} from './saved-model-reader.ts'
import {tfjs} from './tfjs/reader.ts'
import {pytorchLegacy} from './torch/legacy-reader.ts'
import {pytorchZip} from './torch/zip-reader.ts'

/** Asked in this order: those that can tell their files for sure first. */
export const readers: readonly ModelReader[] = [
  safetensors,
  pytorchZip,
  pytorchLegacy,
  numpyArray,
  pickle,
  kerasH5,
  onnx,
  tfjs,
  savedModel,
]
