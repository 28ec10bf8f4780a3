import {makers} from './makers.ts'
import {dangerousAttributes, dangerousBuiltins, dangerousModules, standardLibrary} from './python-names.ts'
import {qualified, type Global} from './values.ts'

/**
 * - `allowed`: its effect is known and harmless.
 * - `dangerous`: runs code, starts processes, opens files or sockets, or gives access to what does.
 * - `library`: a class of a machine-learning library.
 * - `class`: by its name a class, of a module that is neither Python's nor known.
 * - `unknown`: everything else, such as functions.
 */
export type Standing = 'allowed' | 'dangerous' | 'library' | 'class' | 'unknown'

export function judge(global: Global): Standing {
  const {module, name} = global
  const place = renamed.get(module) ?? module
  if (makers.has(`${module}.${name}`)) return 'allowed'
  if (isDangerous(place, name)) return 'dangerous'
  if (isInert(global)) return 'allowed'
  if (library.test(`${module}.${name}`)) return 'library'
  const root = place.split('.')[0]!
  if (standardLibrary.has(root) || root === 'torch' || root === 'numpy') return 'unknown'
  return /^[A-Z]\w*$/.test(name) ? 'class' : 'unknown'
}

/** Python 2's names of modules, which pickle maps to Python 3's in protocols below 3 (its _compat_pickle.py). */
const renamed: ReadonlyMap<string, string> = new Map([
  ['__builtin__', 'builtins'],
  ['__builtins__', 'builtins'],
  ['exceptions', 'builtins'],
  ['copy_reg', 'copyreg'],
  ['cPickle', 'pickle'],
  ['thread', '_thread'],
  ['dummy_thread', '_thread'],
  ['cStringIO', 'io'],
  ['StringIO', 'io'],
  ['repr', 'reprlib'],
  ['Queue', 'queue'],
  ['SocketServer', 'socketserver'],
  ['ConfigParser', 'configparser'],
  ['xmlrpclib', 'xmlrpc.client'],
  ['SimpleXMLRPCServer', 'xmlrpc.server'],
  ['DocXMLRPCServer', 'xmlrpc.server'],
  ['BaseHTTPServer', 'http.server'],
  ['SimpleHTTPServer', 'http.server'],
  ['CGIHTTPServer', 'http.server'],
  ['Cookie', 'http.cookies'],
  ['cookielib', 'http.cookiejar'],
  ['urlparse', 'urllib.parse'],
  ['robotparser', 'urllib.robotparser'],
  ['HTMLParser', 'html.parser'],
  ['htmlentitydefs', 'html.entities'],
  ['anydbm', 'dbm'],
  ['whichdb', 'dbm'],
  ['dbhash', 'dbm'],
  ['dumbdbm', 'dbm'],
  ['gdbm', 'dbm'],
  ['Tkinter', 'tkinter'],
  ['tkFileDialog', 'tkinter'],
  ['tkSimpleDialog', 'tkinter'],
  ['tkMessageBox', 'tkinter'],
  ['Tix', 'tkinter'],
  ['ttk', 'tkinter'],
])

/** Values and types that torch pickles by name: torch.float32, torch.strided, torch.contiguous_format, torch.FloatTensor. */
const inert =
  /^torch\.(u?int\d+|float\d+(_e\w+)?|bfloat16|b?complex\d+|bool|half|double|long|short|uint8|qu?int\d+(x\d)?|bits\d+(x\d)?|strided|sparse_\w+|contiguous_format|channels_last(_3d)?|preserve_format|per_tensor_(affine|symmetric)|per_channel_(affine|symmetric|affine_float_qparams)|((cuda|sparse|cuda\.sparse)\.)?[A-Z]\w+(Storage|Tensor)|storage\.\w+Storage|Tensor)$/

/** What NumPy hands to its own functions by name: the parts of its generators of random numbers, and its kinds of arrays. */
const inertOfNumpy =
  /^numpy\.(random\.(_mt19937\.MT19937|_pcg64\.PCG64(DXSM)?|_philox\.Philox|_sfc64\.SFC64|bit_generator\.SeedSequence)|(matrixlib\.defmatrix\.)?matrix|((_?core\.)?rec(ords)?\.)?(record|recarray)|ma(\.core)?\.MaskedArray)$/

/** Names of what can be handed on and kept, but not called, without harm. */
export const isInert = (global: Global): boolean =>
  inert.test(qualified(global)) || inertOfNumpy.test(qualified(global))

/** Classes only: a library's functions are as good a gadget as any; and none of those that start or write something. */
const library =
  /^(?!.*\.(externals|cli|app|launchers|loggers|profilers|testing|_testing)\.)(torch\.(nn|optim|ao\.nn)|torchvision\.(models|ops|transforms)|timm|transformers\.models|sklearn|pytorch_lightning|lightning)(\.\w+)*\.[A-Z]\w*$/

function isDangerous(module: string, name: string): boolean {
  const path = module.split('.')
  if (dangerousModules.has(path[0]!)) return true
  for (let length = 2; length <= path.length; length++)
    if (dangerousModules.has(path.slice(0, length).join('.'))) return true
  if (dangerousModules.has(`${module}.${name}`)) return true
  // A dotted name reaches through what a module has imported: torch.serialization's `os.system`.
  const parts = name.split('.')
  if (parts.some((part) => dangerousAttributes.has(part) || /^__\w+__$/.test(part))) return true
  return module === 'builtins' && dangerousBuiltins.has(parts[0]!)
}
