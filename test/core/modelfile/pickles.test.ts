import {describe, expect, it} from 'vitest'
import {call, dictOf, ints, op, osSystem, pickle, tensor, tupleOf} from './build-pickle.ts'
import {floats, torchEntries, zip} from './build-zip.ts'
import {legacy} from './build-legacy.ts'
import {refusal, rules, scratch} from './scratch.ts'

const {read} = scratch()
const bare = (bytes: Uint8Array) => read('model.pkl', bytes)
const weights = tensor({count: 4, size: [2, 2], stride: [2, 1]})
const torch = (object: Uint8Array) =>
  read('model.pt', zip(torchEntries(pickle(object), {0: floats(1, 2, 3, 4)})))

describe('a pickle that is not plainly dangerous', () => {
  it('may not call functions off the allow-list', async () => {
    const model = await torch(
      dictOf({w: weights, x: call('mypackage.weights', 'restore', op.text('a'), op.int(1))}),
    )

    expect(model.scan).toMatchObject([
      {rule: 'ABD-F002', severity: 'high', message: "calls mypackage.weights.restore('a', 1)"},
    ])
  })

  it("may not call the standard library's functions and classes either", async () => {
    expect(rules(await torch(dictOf({w: weights, x: call('statistics', 'mean', op.emptyList)})))).toEqual([
      'ABD-F002 high',
    ])
    expect(rules(await torch(dictOf({w: weights, x: call('csv', 'DictReader', op.emptyList)})))).toEqual([
      'ABD-F002 high',
    ])
  })

  it('may not call what it has computed', async () => {
    const object = call('my.models', 'Net')
    const called = op.raw(object, op.emptyTuple, op.reduce)

    expect(rules(await torch(dictOf({w: weights, x: called})))).toEqual(['ABD-F002 high', 'ABD-F003 medium'])
  })

  it('is for review where it builds objects of an unknown class, and its weights are read', async () => {
    const object = op.raw(
      op.global('models.wrn', 'WideResNet'),
      op.emptyTuple,
      op.newobj,
      dictOf({depth: op.int(16)}),
      op.build,
    )
    const model = await torch(dictOf({state_dict: dictOf({w: weights}), arch: object}))

    expect(model.scan).toMatchObject([
      {rule: 'ABD-F003', severity: 'medium', message: 'builds objects of models.wrn.WideResNet'},
    ])
    expect([...model.stateDict.keys()]).toEqual(['w'])
  })

  it("gets a low finding for PyTorch's own layers, once", async () => {
    const layer = op.raw(op.global('torch.nn.modules.linear', 'Linear'), op.emptyTuple, op.newobj)

    expect(rules(await torch(dictOf({w: weights, a: layer, b: layer})))).toEqual(['ABD-F004 low'])
  })

  it('gets an info for names that it does not use', async () => {
    expect(rules(await torch(dictOf({w: weights, f: op.global('my.losses', 'focal')})))).toEqual([
      'ABD-F005 info',
    ])
  })

  it.each([
    ['extension codes', op.ext1(3), 'ABD-F006 high'],
    [
      'BUILD on a class',
      op.raw(op.global('collections', 'OrderedDict'), dictOf({get: op.none}), op.build),
      'ABD-F007 high',
    ],
  ])('may not use %s', async (_, value, rule) => {
    expect(rules(await torch(dictOf({w: weights, x: value})))).toEqual([rule])
  })

  it('has nothing behind its end', async () => {
    const first = pickle(dictOf({w: weights}))
    const withTail = (...tail: Uint8Array[]) =>
      read('model.pt', zip(torchEntries(Buffer.concat([first, ...tail]), {0: floats(1, 2, 3, 4)})))

    expect(rules(await withTail(Buffer.from('tail')))).toEqual(['ABD-F008 medium'])
    expect(rules(await withTail(pickle(op.none)))).toEqual(['ABD-F009 high'])
    expect(rules(await withTail(pickle(call('builtins', 'eval', op.text('1')))))).toEqual([
      'ABD-F001 critical',
      'ABD-F001 critical',
      'ABD-F009 high',
    ])
  })

  it('has its inner pickles scanned, at their places in the file', async () => {
    const inner = pickle(call('my.module', 'function'))
    const bytes = zip(
      torchEntries(
        pickle(dictOf({w: weights, x: call('torch.storage', '_load_from_bytes', op.bytes(inner))})),
        {0: floats(1, 2, 3, 4)},
      ),
    )
    const model = await read('model.pt', bytes)

    expect(rules(model)).toEqual(['ABD-F011 high', 'ABD-F002 high', 'ABD-F010 medium'])
    expect(model.scan[1]!.offset).toBe(bytes.indexOf('cmy.module') + 'cmy.module\nfunction\n'.length + 2)
  })

  it('cannot crowd out a danger with harmless findings', async () => {
    const crowd = Array.from({length: 300}, (_, i) =>
      op.raw(op.global('my.models', `Net${i}`), op.emptyTuple, op.newobj),
    )
    const model = await torch(dictOf({w: weights, x: tupleOf(...crowd), y: osSystem}))

    // 100 of the 300, that there are more, and os.system named and called.
    expect(model.scan).toHaveLength(100 + 1 + 2)
    expect(rules(model).slice(0, 3)).toEqual(['ABD-F001 critical', 'ABD-F001 critical', 'ABD-F003 medium'])
    expect(model.scan.at(-1)).toMatchObject({rule: 'ABD-F062', message: 'more than 100 findings are medium'})
  })
})

describe('a broken pickle', () => {
  it.each([
    ['a memo key that was never set', [op.get(7)], 'the memo has no key 7'],
    ['an empty stack', [op.reduce], 'the stack is empty'],
    ['a mark that is not there', [op.tuple], 'there is no mark'],
    ['popping below a mark', [op.none, op.mark, op.reduce], 'the stack is empty'],
    ['names that are no text', [op.int(1), op.int(2), op.stackGlobal], 'not text'],
    [
      'names that are bytes',
      [op.bytes(Buffer.from('os')), op.bytes(Buffer.from('system')), op.stackGlobal],
      'not text',
    ],
    [
      'arguments that are no tuple',
      [op.global('collections', 'OrderedDict'), op.int(1), op.reduce],
      'in place of a tuple',
    ],
    [
      'a string that is longer than the file',
      [op.textOfLength(0xffffffff, 'x')],
      '4294967295 bytes is cut off',
    ],
    ['a whole number of a megabyte', [op.long4(Buffer.alloc(2 ** 20, 1))], 'a whole number of 1048576 bytes'],
    ['an opcode that is none', [op.raw(0xff)], 'unknown opcode 0xff'],
    ['a protocol of the future', [op.proto(9)], 'protocol 9'],
    ['a key without a value', [op.emptyDict, op.mark, op.none, op.setItems], 'a key without a value'],
    ['items for a number', [op.int(1), op.none, op.append], 'items are appended to 1'],
    ['a state for a list', [op.emptyList, op.emptyDict, op.build], 'a list is given a state'],
    [
      'a tensor without a storage',
      [
        call(
          'torch._utils',
          '_rebuild_tensor_v2',
          op.text('storage'),
          op.int(0),
          ints(1),
          ints(1),
          op.false,
          op.none,
        ),
      ],
      'not of a storage',
    ],
    ['a tensor of negative size', [tensor({count: 1, size: [-1], stride: [1]})], 'size holds -1'],
    [
      'a tensor with more sizes than strides',
      [tensor({count: 1, size: [1, 1], stride: [1]})],
      '2 sizes and 1 strides',
    ],
    [
      'a storage class of another module',
      [
        tupleOf(op.text('storage'), op.global('my.os', 'Storage'), op.text('0'), op.text('cpu'), op.int(1)),
        op.persid,
      ],
      'none of torch',
    ],
  ])('is an error, never a model: %s', async (_, parts, said) => {
    const error = await refusal(read('model.pt', zip(torchEntries(pickle(...parts)))))

    expect([error.code, error.exit]).toEqual(['E_PICKLE', 4])
    expect(error.message).toContain(said)
    expect(error.message).toContain("'archive/data.pkl'")
  })

  it('stops at its limits: instructions, values, pickles, nesting', async () => {
    const nested = (depth: number): Buffer =>
      depth === 0
        ? pickle(op.none)
        : pickle(call('torch.storage', '_load_from_bytes', op.bytes(nested(depth - 1))))
    const refused = async (bytes: Uint8Array, limits: object) =>
      (await refusal(read('model.pt', zip(torchEntries(bytes)), {limits}))).message

    expect(await refused(pickle(...Array<Buffer>(200).fill(op.none)), {opcodes: 100})).toContain(
      'more than 100 instructions',
    )
    expect(await refused(pickle(...Array<Buffer>(200).fill(op.none)), {pickleValues: 50})).toContain(
      'more than 50 values',
    )
    expect(await refused(pickle(op.none), {pickleBytes: 2})).toContain('the limit for a pickle is 2')
    expect(
      await refused(pickle(...Array.from({length: 20}, (_, i) => op.global('my', `f${i}`))), {imports: 10}),
    ).toContain('more than 10 names')
    expect(rules(await read('model.pt', zip(torchEntries(nested(6)))))).toContain('ABD-F011 high')
  })

  it('survives one large dict under very many keys', async () => {
    const large = op.raw(
      op.emptyDict,
      op.mark,
      ...Array.from({length: 50_000}, (_, i) => op.raw(op.int(i), op.none)),
      op.setItems,
    )
    const many = Array.from({length: 50_000}, (_, i) => op.raw(op.text(`k${i}`), op.get(0)))
    const object = op.raw(large, op.put(0), op.pop, op.emptyDict, op.mark, ...many, op.setItems)

    expect((await refusal(read('model.pt', zip(torchEntries(pickle(object)))))).code).toBe('E_NO_WEIGHTS')
  })

  it('survives a tower of a million tuples', async () => {
    const tower = Buffer.alloc(1_000_000, op.tuple1)
    const error = await refusal(read('model.pt', zip(torchEntries(pickle(op.none, tower)))))

    expect(error.code).toBe('E_NO_WEIGHTS')
  })

  it('survives lists that double, level by level', async () => {
    // Each level holds the one below twice: 2^64 leaves, 64 values.
    const double = op.raw(op.dup, op.tuple2)
    const error = await refusal(
      read('model.pt', zip(torchEntries(pickle(op.none, ...Array<Buffer>(64).fill(double))))),
    )

    expect(error.code).toBe('E_NO_WEIGHTS')
  })
})

describe('bare pickles', () => {
  it('are refused with the way out where they are harmless', async () => {
    for (const bytes of [pickle(dictOf({a: op.int(1)})), Buffer.from('(lp0\nI1\naI2\na.')]) {
      const error = await refusal(bare(bytes))
      expect([error.code, error.exit]).toEqual(['E_FORMAT_UNSUPPORTED', 4])
      expect(error.hints.join(' ')).toContain('torch.save(model.state_dict(), path)')
    }
  })

  it('are refused as broken where they break off', async () => {
    expect((await refusal(bare(pickle(op.get(3))))).code).toBe('E_PICKLE')
  })
})

describe('legacy torch files', () => {
  it('are scanned, and their weights come along', async () => {
    const model = await read('old.pth', legacy(dictOf({w: weights, x: osSystem})))

    expect(model.format).toBe('pytorch-legacy')
    expect(rules(model)).toEqual(['ABD-F001 critical', 'ABD-F001 critical'])
  })

  it('cannot hide a call in the pickle of the magic number', async () => {
    const model = await read('old.pth', Buffer.concat([pickle(osSystem), legacy(op.none)]))

    expect(rules(model)).toContain('ABD-F001 critical')
  })
})

describe('what hides in values', () => {
  const evil = pickle(osSystem)
  it.each([
    ['bytes', op.bytes(evil), ['ABD-F001 critical', 'ABD-F001 critical', 'ABD-F011 high']],
    ['hex', op.text(evil.toString('hex')), ['ABD-F001 critical', 'ABD-F001 critical', 'ABD-F011 high']],
    [
      'base64',
      op.text(evil.toString('base64')),
      ['ABD-F001 critical', 'ABD-F001 critical', 'ABD-F011 high', 'ABD-F012 high'],
    ],
    ['a program text', op.text("__import__('os').system('id')"), ['ABD-F012 high']],
    ['one in base64', op.text(Buffer.from("os.system('echo a b c')").toString('base64')), ['ABD-F012 high']],
    [
      'an ELF program',
      op.bytes(Buffer.from('\u007fELF\u0002\u0001\u0001\u0000\u0000', 'latin1')),
      ['ABD-F030 high'],
    ],
  ])('is found: %s', async (_, value, expected) => {
    const model = await read(
      'model.pt',
      zip(torchEntries(pickle(dictOf({w: weights, x: value})), {0: floats(1, 2, 3, 4)})),
    )

    expect(rules(model).toSorted()).toEqual(expected)
  })

  it.each([
    ['words', 'Call model.eval() and torch.compile(model) before use; from the import of os data'],
    ['a hash', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
    ['base64 of numbers', Buffer.from(new Float32Array(64).map((__, i) => i / 7).buffer).toString('base64')],
  ])('is not seen where there is nothing: %s', async (_, value) => {
    const model = await read(
      'model.pt',
      zip(
        torchEntries(pickle(dictOf({net: dictOf({w: weights}), note: op.text(value)})), {
          0: floats(1, 2, 3, 4),
        }),
      ),
    )

    expect(model.scan).toEqual([])
  })
})
