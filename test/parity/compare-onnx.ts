import * as tf from '@tensorflow/tfjs-core'
import type {Tensor4D} from '@tensorflow/tfjs-core'
import {readModelFile} from '@abd/core/modelfile'
import {networkOf} from '@abd/core/nn'

/** x and y beside an exported model: images [N, C, H, W] and the outputs. */
async function inputAndOutput(path: string) {
  const {stateDict} = await readModelFile(path.replace(/\.\w+\.onnx$/, '.io.safetensors'), {isolate: false})
  const [x, y] = [stateDict.get('x')!, stateDict.get('y')!]
  const images = tf.tidy(() =>
    tf.transpose(tf.tensor4d(x.data as Float32Array, x.shape as Tensor4D['shape']), [0, 2, 3, 1]),
  )
  return {images, expected: y.data as Float32Array, classes: y.shape[1]!}
}

/** The largest difference from PyTorch's outputs, as a share of the largest of them. Rows may differ by a constant. */
export async function compareOnnx(path: string): Promise<number> {
  const {images, expected, classes} = await inputAndOutput(path)
  using network = networkOf(await readModelFile(path, {isolate: false}))
  const {logits} = network.architecture.forward(network.parameters, images, 'eval')
  const found = await logits.data()
  const centred = (values: ArrayLike<number>) =>
    Array.from(values, (value, i) => {
      const row = Array.from(values).slice(
        Math.floor(i / classes) * classes,
        (Math.floor(i / classes) + 1) * classes,
      )
      return value - row.reduce((a, b) => a + b, 0) / classes
    })
  const [a, b] = [centred(found), centred(expected)]
  return Math.max(...a.map((value, i) => Math.abs(value - b[i]!))) / Math.max(...b.map(Math.abs))
}
