import type {StateDict} from '@abd/core/modelfile'
import {
  architectureByName,
  architectureNames,
  cifarResNet,
  iBauVgg,
  inferArchitecture,
  wideResNet,
} from '@abd/core/nn'
import type {Architecture, Layout} from '@abd/core/nn'
import fc from 'fast-check'
import {describe, expect, test} from 'vitest'

/** Zeros of the right shapes: inference looks at names and shapes alone. */
const zeros = (
  {parameters}: Layout,
  prefix = '',
): Map<string, StateDict extends ReadonlyMap<string, infer T> ? T : never> =>
  new Map(
    [...parameters].map(([name, {shape}]) => [
      prefix + name,
      {dtype: 'float32', shape, data: new Float32Array(shape.reduce((a, b) => a * b, 1))},
    ]),
  )

const facts = ({name, classes, input, head, parameters}: Architecture) => ({
  name,
  classes,
  input,
  head,
  parameters: [...parameters],
})

describe('inferArchitecture', () => {
  test('finds every wide ResNet and CIFAR ResNet again', () => {
    const blocks = fc.integer({min: 1, max: 6})
    const shape = fc.record({classes: fc.integer({min: 2, max: 60}), grey: fc.boolean()})
    const wide = fc
      .tuple(blocks, fc.integer({min: 1, max: 4}), shape)
      .map(([n, width, {classes, grey}]) =>
        wideResNet({depth: 6 * n + 4, width, classes, input: grey ? [28, 28, 1] : [32, 32, 3]}),
      )
    const residual = fc
      .tuple(
        blocks,
        fc.constantFrom('a' as const, 'b' as const),
        fc.constantFrom('fc' as const, 'linear' as const),
        shape,
      )
      .map(([n, shortcut, head, {classes, grey}]) =>
        cifarResNet({depth: 6 * n + 2, shortcut, head, classes, input: grey ? [28, 28, 1] : [32, 32, 3]}),
      )
    const timesFour = fc
      .tuple(blocks, shape)
      .map(([n, {classes}]) => cifarResNet({depth: 6 * n + 2, shortcut: 'b', width: 4, classes}))
    fc.assert(
      fc.property(
        fc.oneof(wide, residual, timesFour),
        fc.constantFrom('', 'module.'),
        (architecture, prefix) => {
          expect(facts(inferArchitecture(zeros(architecture, prefix)))).toEqual(facts(architecture))
        },
      ),
      {numRuns: 30},
    )
  })

  test('finds the small VGG, of common sizes by itself, of others with a hint', () => {
    for (const input of [
      [32, 32, 3],
      [28, 28, 1],
    ] as const)
      expect(inferArchitecture(zeros(iBauVgg({classes: 43, input}))).input).toEqual(input)

    const odd = zeros(iBauVgg({classes: 10, input: [64, 64, 3]}))
    expect(() => inferArchitecture(odd)).toThrow(
      expect.objectContaining({
        code: 'E_ARCHITECTURE_AMBIGUOUS',
        message: expect.stringContaining('64 to 71 pixels') as string,
        hints: ['Give it with --input HEIGHTxWIDTHx3'],
      }),
    )
    expect(inferArchitecture(odd, {input: [64, 64, 3]}).input).toEqual([64, 64, 3])
  })

  test('hints are checked against the file', () => {
    const dict = zeros(wideResNet({depth: 16, width: 1, classes: 10}))

    expect(inferArchitecture(dict, {name: 'WRN16_1', classes: 10, input: [64, 48, 3]})).toMatchObject({
      name: 'wrn-16-1',
      input: [64, 48, 3],
    })
    for (const [hints, message] of [
      [{name: 'wrn-16-2'}, 'it is a wrn-16-1, not a wrn-16-2'],
      [{classes: 43}, '10 classes, not 43'],
      [{input: [28, 28, 1]}, '3 channels, not 1'],
    ] as const)
      expect(() => inferArchitecture(dict, hints)).toThrow(
        expect.objectContaining({
          code: 'E_ARCHITECTURE_MISMATCH',
          message: expect.stringContaining(message) as string,
        }),
      )
  })

  test('a file with a tensor missing is a mismatch that names it', () => {
    const dict = zeros(wideResNet({depth: 16, width: 1, classes: 10}))
    dict.delete('block2.layer.1.bn1.running_mean')

    expect(() => inferArchitecture(dict)).toThrow(
      expect.objectContaining({
        code: 'E_ARCHITECTURE_MISMATCH',
        message: expect.stringContaining("'block2.layer.1.bn1.running_mean' [32] is missing") as string,
      }),
    )
  })

  test('a last layer that is missing or has one class only is a mismatch', () => {
    const single = zeros(wideResNet({depth: 10, width: 1, classes: 1}))
    const headless = zeros(wideResNet({depth: 10, width: 1, classes: 10}))
    headless.delete('fc.weight')

    for (const dict of [single, headless])
      expect(() => inferArchitecture(dict)).toThrow(
        expect.objectContaining({code: 'E_ARCHITECTURE_MISMATCH', exit: 4}),
      )
  })

  test('others are unknown, ResNet-18 too', () => {
    const resnet18 = zeros(cifarResNet({depth: 14, classes: 10}))
    resnet18.set('conv1.weight', {dtype: 'float32', shape: [64, 3, 3, 3], data: new Float32Array(1728)})
    for (const dict of [resnet18, new Map(), new Map([['a.weight', [...resnet18.values()][0]!]])])
      expect(() => inferArchitecture(dict)).toThrow(
        expect.objectContaining({code: 'E_ARCHITECTURE_UNKNOWN', exit: 4}),
      )
    expect(() => inferArchitecture(resnet18, {name: 'resnet-14'})).toThrow(
      expect.objectContaining({code: 'E_ARCHITECTURE_MISMATCH', exit: 2}),
    )
  })
})

describe('architectureByName', () => {
  test('knows its own names', () => {
    for (const name of architectureNames) expect(architectureByName(name, {classes: 10}).name).toBe(name)
  })

  test.each([
    ['WRN16_1', 'wrn-16-1'],
    ['wrn161', 'wrn-16-1'],
    ['Wide-ResNet-28-10', 'wrn-28-10'],
    ['ResNet14', 'resnet-14'],
    ['resnet_20_B', 'resnet-20-b'],
    ['resnet8x4', 'resnet-8x4'],
    ['ResNet_32x4', 'resnet-32x4'],
    ['I_BAU VGG', 'i-bau-vgg'],
  ])('%s is %s', (written, name) => {
    expect(architectureByName(written, {classes: 10}).name).toBe(name)
  })

  test('names the nearest', () => {
    expect(() => architectureByName('wnr-16-1', {classes: 10})).toThrow(
      expect.objectContaining({
        code: 'E_ARCHITECTURE_UNKNOWN',
        exit: 2,
        hints: expect.arrayContaining(["Did you mean 'wrn-16-1'?"]) as string[],
      }),
    )
    expect(() => architectureByName('wrn-17-1', {classes: 10})).toThrow(
      expect.objectContaining({code: 'E_ARCHITECTURE_DEPTH'}),
    )
  })
})
