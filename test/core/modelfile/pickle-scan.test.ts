import {isDangerous} from '@abd/core/modelfile'
import {describe, expect, it} from 'vitest'
import {call, dictOf, ints, op, orderedDict, osSystem, pickle, tensor, tupleOf} from './build-pickle.ts'
import {floats, torchEntries, zip} from './build-zip.ts'
import {refusal, rules, scratch} from './scratch.ts'

const {read} = scratch()
const bare = (bytes: Uint8Array) => read('model.pkl', bytes)
const weights = tensor({count: 4, size: [2, 2], stride: [2, 1]})
const torch = (object: Uint8Array) =>
  read('model.pt', zip(torchEntries(pickle(object), {0: floats(1, 2, 3, 4)})))

describe('a pickle that runs code when it is loaded', () => {
  it('is named with its call, its argument and its place, not thrown', async () => {
    const model = await bare(pickle(osSystem))

    expect(model.format).toBe('pickle')
    expect(model.stateDict.size).toBe(0)
    expect(isDangerous(model.scan)).toBe(true)
    // PROTO takes 2 bytes; GLOBAL 'os system' is c, os, \n, system, \n: 11 bytes from 2 on; MARK, BINUNICODE with 4 bytes
    // of length and 'id', TUPLE: 9 bytes; REDUCE is at 22.
    expect(model.scan).toEqual([
      {rule: 'ABD-F001', severity: 'critical', message: 'names os.system', offset: 2},
      {rule: 'ABD-F001', severity: 'critical', message: "calls os.system('id')", offset: 22},
    ])
  })

  it('gives offsets in the file where it lies in an archive', async () => {
    const model = await torch(dictOf({a: weights, b: osSystem}))
    const bytes = zip(torchEntries(pickle(dictOf({a: weights, b: osSystem})), {0: floats(1, 2, 3, 4)}))

    expect(model.scan[0]!.offset).toBe(bytes.indexOf('cos\nsystem'))
    expect([...model.stateDict.keys()]).toEqual(['a'])
  })

  const dangerous: [string, Uint8Array][] = [
    [
      'STACK_GLOBAL',
      pickle(
        op.shortText('posix'),
        op.shortText('system'),
        op.stackGlobal,
        op.text('id'),
        op.tuple1,
        op.reduce,
      ),
    ],
    [
      'names that come from the memo',
      pickle(
        op.text('subprocess'),
        op.put(0),
        op.pop,
        op.text('call'),
        op.put(1),
        op.pop,
        op.get(0),
        op.get(1),
        op.stackGlobal,
        op.text('id'),
        op.tuple1,
        op.reduce,
      ),
    ],
    [
      'MEMOIZE and DUP',
      pickle(
        op.shortText('nt'),
        op.memoize,
        op.dup,
        op.pop,
        op.shortText('system'),
        op.stackGlobal,
        op.emptyTuple,
        op.reduce,
      ),
    ],
    ['INST', pickle(op.mark, op.text('id'), op.inst('os', 'popen'))],
    ['OBJ', pickle(op.mark, op.global('subprocess', 'Popen'), op.text('id'), op.obj)],
    ['NEWOBJ', pickle(op.global('subprocess', 'Popen'), op.text('id'), op.tuple1, op.newobj)],
    [
      'NEWOBJ_EX',
      pickle(op.global('subprocess', 'Popen'), op.emptyTuple, dictOf({args: op.text('id')}), op.newobjEx),
    ],
    ['builtins.eval', pickle(call('builtins', 'eval', op.text('1')))],
    ["Python 2's name of it", pickle(call('__builtin__', 'eval', op.text('1')))],
    [
      'getattr',
      pickle(call('builtins', 'getattr', op.global('collections', 'OrderedDict'), op.text('__init__'))),
    ],
    ['__import__', pickle(call('builtins', '__import__', op.text('os')))],
    ['a name that is never called', pickle(op.global('runpy', 'run_path'))],
    ['a submodule of a dangerous module', pickle(call('importlib._bootstrap', 'anything'))],
    ['a dotted name', pickle(op.shortText('torch.nn'), op.shortText('modules.os.system'), op.stackGlobal)],
    ['a dunder', pickle(op.shortText('collections'), op.shortText('OrderedDict.__reduce__'), op.stackGlobal)],
    ["a gadget of PyTorch's", pickle(call('torch.utils.collect_env', 'run', op.text('id')))],
    [
      "a gadget of NumPy's",
      pickle(call('numpy.testing._private.utils', 'runstring', op.text('x'), op.emptyDict)),
    ],
    ['torch.load within the pickle', pickle(call('torch', 'load', op.text('x.pt')))],
    [
      'decoys around it',
      pickle(op.global('torch.nn', 'Linear'), op.pop, orderedDict, op.pop, osSystem, op.pop, dictOf({})),
    ],
    ['protocol 0', Buffer.from("cos\nsystem\n(S'id'\ntR.")],
    ['what follows a fault', pickle(op.get(9), osSystem)],
    [
      'a call inside the data of tensors',
      pickle(dictOf({w: call('torch._utils', '_rebuild_tensor_v2', osSystem)})),
    ],
    [
      'copyreg',
      pickle(
        call(
          'copyreg',
          '_reconstructor',
          op.global('subprocess', 'Popen'),
          op.global('builtins', 'object'),
          op.none,
        ),
      ),
    ],
    ['a pickle in a pickle', pickle(call('torch.storage', '_load_from_bytes', op.bytes(pickle(osSystem))))],
    [
      '_rebuild_from_type_v2',
      pickle(
        call(
          'torch._tensor',
          '_rebuild_from_type_v2',
          op.global('os', 'system'),
          op.none,
          tupleOf(op.text('id')),
          op.none,
        ),
      ),
    ],
  ]
  it.each(dangerous)('is found: %s', async (_, bytes) => {
    const model = await bare(bytes)

    expect(rules(model)).toContain('ABD-F001 critical')
    expect(model.scan[0]!.offset).toBeGreaterThanOrEqual(0)
  })

  it.each(dangerous)('is found in an archive: %s', async (_, bytes) => {
    const model = await read('model.pt', zip(torchEntries(bytes)))

    expect(rules(model)).toContain('ABD-F001 critical')
  })

  // What published scanners had to learn, one advisory after the other.
  it.each([
    'os.system',
    'posix.system',
    'nt.system',
    'builtins.eval',
    'builtins.exec',
    'builtins.compile',
    'builtins.getattr',
    'builtins.__import__',
    'subprocess.run',
    'runpy._run_code',
    'timeit.timeit',
    'operator.attrgetter',
    'operator.methodcaller',
    'pydoc.locate',
    'pkgutil.resolve_name',
    'ctypes.CDLL',
    'pty.spawn',
    'io.FileIO',
    '_io.FileIO',
    'logging.FileHandler',
    'types.CodeType',
    'types.FunctionType',
    'cloudpickle.cloudpickle._make_function',
    'dill._dill._create_function',
    'torch.jit.unsupported_tensor_ops.execWrapper',
    'torch._dynamo.guards.GuardBuilder.get',
    'torch.utils.bottleneck.__main__.run_cprofile',
    'torch.hub.load',
    'numpy.f2py.crackfortran.getlincoef',
    'distutils.file_util.write_file',
    'cProfile.run',
    'trace.Trace.run',
    'code.InteractiveInterpreter.runcode',
    'idlelib.pyshell.ModifiedInterpreter.runcode',
    'lib2to3.pgen2.grammar.Grammar.loads',
    'ensurepip._run_pip',
    'uuid._get_command_stdout',
    'imaplib.IMAP4_stream',
    'aiohttp.client.ClientSession',
    'requests.api.get',
    'httplib.HTTPSConnection',
    'socket.create_connection',
    'urllib.request.urlopen',
    'webbrowser.open',
    'pdb.run',
    'bdb.Bdb.run',
    'asyncio.unix_events._UnixSubprocessTransport._start',
    'functools.partial',
    'shutil.rmtree',
    'sys.exit',
    'pip.main',
    'doctest.debug_script',
    'ssl.get_server_certificate',
    'multiprocessing.util.spawnv_passfds',
    'marshal.loads',
    'pickle.loads',
    '_pickle.loads',
    'tempfile.mktemp',
    'signal.signal',
    'atexit.register',
    'gc.get_objects',
    'sqlite3.connect',
  ])('names %s, which is critical', async (full) => {
    const dot = full.lastIndexOf('.')
    const model = await bare(pickle(op.global(full.slice(0, dot), full.slice(dot + 1))))

    expect(rules(model)).toEqual(['ABD-F001 critical'])
  })
})

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

    expect(rules(model)).toEqual(['ABD-F002 high', 'ABD-F010 medium'])
    expect(model.scan[0]!.offset).toBe(bytes.indexOf('cmy.module') + 'cmy.module\nfunction\n'.length + 2)
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
        tupleOf(op.text('storage'), op.global('os', 'Storage'), op.text('0'), op.text('cpu'), op.int(1)),
        op.persid,
      ],
      '',
    ],
  ])('is an error or a danger, never a model: %s', async (_, parts, said) => {
    const outcome = await read('model.pt', zip(torchEntries(pickle(...parts)))).catch(
      (error: unknown) => error,
    )

    if (said === '') expect(rules(outcome as never)).toContain('ABD-F001 critical')
    else {
      const error = await refusal(Promise.reject(outcome as Error))
      expect([error.code, error.exit]).toEqual(['E_PICKLE', 4])
      expect(error.message).toContain(said)
      expect(error.message).toContain("'archive/data.pkl'")
    }
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
    expect(await refused(nested(6), {})).toMatch(/data\.pkl|holds no state dict/)
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
  const magic = Buffer.from('80028a0a6cfc9c46f9206aa850192e', 'hex')
  const legacy = (object: Uint8Array) =>
    Buffer.concat([
      magic,
      pickle(op.int(1001)),
      pickle(dictOf({little_endian: op.true})),
      pickle(object),
      pickle(op.emptyList),
      Buffer.alloc(16),
    ])

  it('are refused with the way out where they are harmless', async () => {
    const error = await refusal(read('old.pth', legacy(dictOf({w: weights}))))

    expect([error.code, error.exit]).toEqual(['E_FORMAT_UNSUPPORTED', 4])
    expect(error.message).toContain('before 1.6')
  })

  it('are scanned', async () => {
    const model = await read('old.pth', legacy(dictOf({w: weights, x: osSystem})))

    expect(model.format).toBe('pytorch-legacy')
    expect(rules(model)).toEqual(['ABD-F001 critical', 'ABD-F001 critical'])
  })

  it('cannot hide a call in the pickle of the magic number', async () => {
    const model = await read('old.pth', Buffer.concat([pickle(osSystem), legacy(op.none)]))

    expect(rules(model)).toContain('ABD-F001 critical')
  })
})
