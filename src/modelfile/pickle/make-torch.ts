import {inert} from './make-inert.ts'
import {fail, report, type Machine} from './machine.ts'
import type {Maker} from './makers.ts'
import {
  describe,
  isKind,
  opaque,
  tuple,
  type Opaque,
  type PickleValue,
  type Storage,
  type TensorView,
} from './values.ts'

/** PyTorch's storage classes by element type. Those with other items (complex, quantised) keep torch's own name. */
const storageDtypes: Readonly<Record<string, string>> = {
  FloatStorage: 'float32',
  DoubleStorage: 'float64',
  HalfStorage: 'float16',
  BFloat16Storage: 'bfloat16',
  LongStorage: 'int64',
  IntStorage: 'int32',
  ShortStorage: 'int16',
  CharStorage: 'int8',
  ByteStorage: 'uint8',
  BoolStorage: 'bool',
  UntypedStorage: 'uint8',
}

export const dtypeOfStorage = (type: string): string =>
  Object.hasOwn(storageDtypes, type) ? storageDtypes[type]! : type.replace(/Storage$/, '').toLowerCase()

/** A storage that pickle.dump wrote: a file of its own. */
const NESTED = 'torch.storage.TypedStorage'

function wholeNumbers(machine: Machine, value: PickleValue | undefined, what: string): readonly number[] {
  if (!isKind(value, 'tuple') && !isKind(value, 'list'))
    return fail(machine, `a tensor's ${what} is not a tuple`)
  if (value.items.length > machine.context.limits.dimensions)
    fail(machine, `a tensor of ${value.items.length} dimensions`)
  return value.items.map((item) => wholeNumber(machine, item, what))
}

const wholeNumber = (machine: Machine, value: PickleValue | undefined, what: string): number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
    ? value
    : fail(machine, `a tensor's ${what} holds ${describe(value ?? null)}`)

function view(machine: Machine, args: readonly PickleValue[], dtype?: string): TensorView | Opaque {
  const [storage, offset, size, stride] = args
  // Its numbers lie in a file within the pickle, which is scanned alone.
  if (isKind(storage, 'object') && storage.type === NESTED)
    return opaque('torch._utils._rebuild_tensor', args)
  if (!isKind(storage, 'storage'))
    return fail(machine, `a tensor is made of ${describe(storage ?? null)}, not of a storage`)
  const shape = wholeNumbers(machine, size, 'size')
  const steps = wholeNumbers(machine, stride, 'stride')
  if (shape.length !== steps.length)
    fail(machine, `a tensor of ${shape.length} sizes and ${steps.length} strides`)
  return {
    kind: 'tensor',
    storage: storage satisfies Storage,
    dtype: dtype ?? dtypeOfStorage(storage.type),
    offset: wholeNumber(machine, offset, 'offset'),
    size: shape,
    stride: steps,
  }
}

function withHooks(machine: Machine, hooks: PickleValue | undefined): void {
  if (hooks !== undefined && hooks !== null) machine.hooks.add(hooks)
}

/** What metadata says of a tensor changes its numbers: to their negatives, or their conjugates. */
const isChanged = (metadata: PickleValue | undefined): boolean =>
  metadata !== undefined && metadata !== null && !(isKind(metadata, 'dict') && metadata.entries.size === 0)

/** torch._utils._rebuild_tensor(storage, offset, size, stride) and v2(…, requires_grad, hooks[, metadata]). */
const rebuild: Maker = (args, machine) => {
  withHooks(machine, args[5])
  if (isChanged(args[6])) return opaque('torch._utils._rebuild_tensor_v2', args)
  return view(machine, args)
}

/** v3(storage, offset, size, stride, requires_grad, hooks, dtype[, metadata]): offsets and strides in items of dtype. */
const rebuild3: Maker = (args, machine) => {
  const dtype = args[6]
  if (!isKind(dtype, 'global') || dtype.module !== 'torch') return fail(machine, 'a tensor without a dtype')
  withHooks(machine, args[5])
  if (isChanged(args[7])) return opaque('torch._utils._rebuild_tensor_v3', args)
  return view(machine, args, dtype.name)
}

/** torch._utils._rebuild_parameter(tensor, requires_grad, hooks): the tensor. */
const parameter: Maker = ([tensor, , hooks], machine) => {
  withHooks(machine, hooks)
  return isKind(tensor, 'tensor') || isKind(tensor, 'object')
    ? tensor
    : fail(machine, 'a parameter without a tensor')
}

/** torch._utils._rebuild_qtensor(storage, offset, size, stride, quantiser, requires_grad, hooks). */
const quantised: Maker = (args, machine) => {
  withHooks(machine, args[6])
  return opaque('torch._utils._rebuild_qtensor', args)
}

/** Attributes of a tensor that are its numbers: no state of a tensor that Python wrote has them. */
const NUMBERS = new Set(['data', 'real', 'imag'])

/** Sets attributes on a tensor, as torch._utils._set_obj_state does with a dict, or with two of them. */
function withState(machine: Machine, state: PickleValue | undefined): void {
  for (const part of isKind(state, 'tuple') ? state.items : [state]) {
    if (part === undefined || part === null || part === false) continue
    if (!isKind(part, 'dict')) return fail(machine, `a tensor is given the state ${describe(part)}`)
    for (const [name, value] of part.entries) {
      if (isKind(name, 'object')) fail(machine, `a tensor has an attribute whose name is ${describe(name)}`)
      if (typeof name !== 'string') continue
      if (NUMBERS.has(name)) fail(machine, `a tensor is given other numbers, as its '${name}'`)
      if (name === '_backward_hooks') withHooks(machine, value)
      if (name === '__class__') report(machine, 'unknownCall', `makes a tensor ${describe(value)}`)
    }
  }
}

/** torch._utils._rebuild_parameter_with_state(tensor, requires_grad, hooks, state). */
const parameterWithState: Maker = (args, machine) => {
  withState(machine, args[3])
  return parameter(args, machine)
}

/** torch._tensor._rebuild_from_type_v2(function, type, args, state): a tensor with attributes, or of a subclass. */
const fromType: Maker = ([make, , args, state], machine) => {
  withState(machine, state)
  if (!isKind(make, 'global') || make.name.startsWith('_rebuild_from_type') || !isKind(args, 'tuple'))
    return fail(machine, 'a tensor of a type that is none')
  return machine.call(make, args.items)
}

/** A whole torch file within the pickle, as pickle.dump makes of a tensor. */
const nested: Maker = ([bytes], machine) => {
  if (!(bytes instanceof Uint8Array)) return fail(machine, 'a nested file that is not bytes')
  report(machine, 'nestedPickle', `holds a pickle of ${bytes.length} bytes in a pickle`)
  machine.nested(bytes)
  return opaque(NESTED, [])
}

const opaqueNames = [
  'torch._utils._rebuild_sparse_tensor',
  'torch._utils._rebuild_sparse_csr_tensor',
  'torch._utils._rebuild_meta_tensor_no_storage',
  'torch._utils._rebuild_nested_tensor',
  'torch._utils._rebuild_wrapper_subclass',
  'torch._utils._rebuild_device_tensor_from_numpy',
  'torch._utils._rebuild_device_tensor_from_cpu_tensor',
  'torch.device',
  'torch.Generator',
  'torch._C.Generator',
  'torch.serialization._get_layout',
  // TorchScript's.
  'torch.jit._pickle.build_intlist',
  'torch.jit._pickle.build_tensorlist',
  'torch.jit._pickle.build_doublelist',
  'torch.jit._pickle.build_boollist',
  'torch.jit._pickle.build_tensor_from_id',
  'torch.jit._pickle.restore_type_tag',
]

export const torch: Readonly<Record<string, Maker>> = {
  ...Object.fromEntries(opaqueNames.map((name) => [name, inert(name)])),
  'torch._utils._rebuild_qtensor': quantised,
  'torch._utils._rebuild_tensor': rebuild,
  'torch._utils._rebuild_tensor_v2': rebuild,
  'torch._utils._rebuild_tensor_v3': rebuild3,
  'torch._utils._rebuild_parameter': parameter,
  'torch._utils._rebuild_parameter_with_state': parameterWithState,
  'torch._tensor._rebuild_from_type': fromType,
  'torch._tensor._rebuild_from_type_v2': fromType,
  'torch.storage._load_from_bytes': nested,
  'torch.Size': ([sizes]) =>
    isKind(sizes, 'tuple') || isKind(sizes, 'list') ? tuple([...sizes.items]) : tuple([]),
}
