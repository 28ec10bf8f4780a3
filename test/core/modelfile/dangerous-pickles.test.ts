import {isDangerous} from '@abd/core/modelfile'
import {describe, expect, it} from 'vitest'
import {call, dictOf, op, orderedDict, osSystem, pickle, tensor, tupleOf} from './build-pickle.ts'
import {floats, torchEntries, zip} from './build-zip.ts'
import {rules, scratch} from './scratch.ts'

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
      'what follows a fault, by STACK_GLOBAL',
      pickle(op.get(9), op.text('os'), op.memoize, op.text('system'), op.memoize, op.stackGlobal),
    ],
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
