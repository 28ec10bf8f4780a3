import {arithmeticOf, openEngine} from '@abd/core/engine'
import {findInstallations} from '@abd/core/engine/install'
import {execa} from 'execa'
import {describe, expect, test} from 'vitest'
import {hasBfloat16, useBfloat16, usesBfloat16} from '../../../src/engine/bfloat16.ts'

const cpuInfo = (flags: string) =>
  `processor\t: 0\nmodel name\t: some\nflags\t\t: fpu sse2 ${flags}\nbugs\t\t: none\n`

describe('bfloat16', () => {
  test.each(['avx512f avx512_bf16', 'amx_bf16 amx_tile'])('a processor with %s has it', (flags) => {
    const environment = {}
    useBfloat16(environment, cpuInfo(flags))
    expect(environment).toEqual({TF_SET_ONEDNN_FPMATH_MODE: 'BF16'})
  })

  test.each(['0', 'false'])('is refused where oneDNN is turned off by %s', (off) => {
    const environment = {TF_ENABLE_ONEDNN_OPTS: off}
    expect(() => useBfloat16(environment, cpuInfo('avx512_bf16'))).toThrow(
      expect.objectContaining({code: 'E_NO_BFLOAT16', message: expect.stringContaining('oneDNN') as string}),
    )
    expect(usesBfloat16({...environment, TF_SET_ONEDNN_FPMATH_MODE: 'BF16'}, cpuInfo('amx_bf16'))).toBe(false)
  })

  test('is told of whom asked TensorFlow for it', () => {
    const environment = {TF_SET_ONEDNN_FPMATH_MODE: 'BF16'}
    expect(usesBfloat16(environment, cpuInfo('amx_bf16'))).toBe(true)
    expect(usesBfloat16(environment, cpuInfo('avx2'))).toBe(false)
  })

  test.each([cpuInfo('avx2 fma'), cpuInfo('no_avx512_bf16'), ''])(
    'asked for without it, it is an error with a remedy',
    (processor) => {
      const environment = {}
      expect(() => useBfloat16(environment, processor)).toThrow(
        expect.objectContaining({code: 'E_NO_BFLOAT16', exit: 4, hints: ['Leave out --bf16.']}),
      )
      expect(environment).toEqual({})
    },
  )

  test.each(['wasm', 'cpu'] as const)('%s never has it', async (name) => {
    await expect(openEngine(name, {bf16: true})).rejects.toMatchObject({code: 'E_NO_BFLOAT16', exit: 2})
  })

  test('is told beside the name of the engine, float32 is not', () => {
    expect(arithmeticOf({name: 'tensorflow', precision: 'bfloat16'})).toBe('tensorflow (bfloat16)')
    expect(arithmeticOf({name: 'tensorflow', precision: 'float32'})).toBe('tensorflow')
  })
})

const isInstalled = findInstallations().length > 0
if (!isInstalled || !hasBfloat16())
  console.warn(
    'No TensorFlow, or a processor without bfloat16: its products are not compared with those of float32.',
  )

/** A product of float32 numbers of 256 terms, in a process of its own. */
async function product(bf16: boolean) {
  const script = `
    const {openEngine} = await import('@abd/core/engine')
    const tf = await import('@tensorflow/tfjs-core')
    const engine = await openEngine('tensorflow', {bf16: ${bf16}})
    const x = tf.randomUniform([8, 16, 16, 64], -1, 1, 'float32', 1)
    const w = tf.randomUniform([3, 3, 64, 64], -1, 1, 'float32', 2)
    const y = tf.conv2d(x, w, 1, 'same')
    console.log(JSON.stringify({precision: engine.precision, y: [...y.dataSync()]}))`
  const {stdout} = await execa(
    process.execPath,
    [
      '--conditions=@abd/source',
      '--disable-warning=ExperimentalWarning',
      '--input-type=module',
      '--eval',
      script,
    ],
    {cwd: import.meta.dirname, maxBuffer: 2 ** 28},
  )
  return JSON.parse(stdout) as {precision: string; y: number[]}
}

test.runIf(isInstalled && hasBfloat16())(
  'products keep the 8 bits of bfloat16',
  async () => {
    const [exact, rounded] = [await product(false), await product(true)]
    expect([exact.precision, rounded.precision]).toEqual(['float32', 'bfloat16'])
    const largest = exact.y.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
    const apart =
      exact.y.reduce((most, value, i) => Math.max(most, Math.abs(value - rounded.y[i]!)), 0) / largest
    expect(apart).toBeLessThan(2 ** -7)
  },
  60_000,
)

test.runIf(isInstalled && !hasBfloat16())(
  'without it, the engine is not opened, nor another one taken',
  async () => {
    const notes: string[] = []
    await expect(openEngine('auto', {bf16: true, note: (line) => notes.push(line)})).rejects.toMatchObject({
      code: 'E_NO_BFLOAT16',
    })
    expect(notes).toEqual([])
  },
)
