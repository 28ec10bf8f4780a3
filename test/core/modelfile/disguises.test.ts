import {isDangerous} from '@abd/core/modelfile'
import {describe, expect, it} from 'vitest'
import {dictOf, op, osSystem, pickle, tensor} from './build-pickle.ts'
import {floats, torchEntries, zip} from './build-zip.ts'
import {refusal, rules, scratch} from './scratch.ts'

const {read} = scratch()
const lines = (text: string) => Buffer.from(text, 'latin1')
/** Protocol 0: os.system('id'). */
const textual = lines("cos\nsystem\n(S'id'\ntR.")
/** A function of a module that nobody knows: only that it is called tells that it is dangerous. */
const unknown = "cmy_tools\nrun\n(S'id'\ntR."

describe('a pickle without a mark of its own', () => {
  it.each([
    ['after a None that is thrown away', lines("N0cos\nsystem\n(S'id'\ntR.")],
    ['after a number', lines("I1\n0cos\nsystem\n(S'id'\ntR.")],
    ['after a text', lines("Vnothing\n0cos\nsystem\n(S'id'\ntR.")],
    ['with its mark in second place', Buffer.concat([lines('N0'), pickle(osSystem)])],
    ['with a module written in escapes', lines("S'\\157\\x73'\nS'sys\\164em'\n\u0093(S'id'\ntR.")],
    ["with a text of protocol 0's escapes", lines("V\\u006fs\nV\\u0073ystem\n\u0093(S'id'\ntR.")],
  ])('is found: %s', async (_, bytes) => {
    const file = await read('notes.txt', bytes)

    expect(file.format).toBe('pickle')
    expect(rules(file)).toContain('ABD-F001 critical')
  })

  it('is found behind another one', async () => {
    const file = await read('model.pkl', Buffer.concat([pickle(op.none), textual]))

    expect(rules(file)).toEqual(expect.arrayContaining(['ABD-F001 critical', 'ABD-F009 high']))
  })

  it('is found behind another one where it has no end: Python runs it until there', async () => {
    const file = await read('model.pkl', Buffer.concat([pickle(op.none), textual.subarray(0, -1)]))

    expect(rules(file)).toEqual(expect.arrayContaining(['ABD-F001 critical', 'ABD-F009 high']))
  })

  it('is no text by chance', async () => {
    const text = lines('I think so.\nSo do others.\ncan you?\nNo.\n')

    await expect(read('notes.txt', text)).rejects.toMatchObject({code: 'E_FORMAT_UNKNOWN'})
  })
})

describe('a pickle that is longer than what is scanned', () => {
  it('is refused for that, not as broken', async () => {
    const long = pickle(op.bytes(Buffer.alloc(6000)), op.pop, osSystem)
    const error = await refusal(read('model.pkl', long, {limits: {pickleBytes: 5000}}))

    expect(error.code).toBe('E_LIMIT')
    expect(error.message).toContain(`a pickle of ${long.length} bytes, of which abd scans 5000`)
    expect(error.hints.join(' ')).toContain('torch.save(model.state_dict(), path)')
  })
})

describe('names of Python 2, which pickle knows by their new ones', () => {
  it.each(['xmlrpclib.ServerProxy', 'SocketServer.TCPServer', 'exceptions.eval', 'tkFileDialog.Open'])(
    'are judged as these: %s',
    async (full) => {
      const [module, name] = full.split('.') as [string, string]

      expect(rules(await read('model.pkl', pickle(op.global(module, name))))).toEqual(['ABD-F001 critical'])
    },
  )

  it('and classes of a library that start programs are no layers', async () => {
    const cli = op.raw(op.global('lightning.pytorch.cli', 'LightningCLI'), op.emptyTuple, op.newobj)
    const good = tensor({count: 2, size: [2], stride: [1]})
    const file = await read('model.pt', zip(torchEntries(pickle(dictOf({w: good, cli})), {0: floats(1, 2)})))

    expect(rules(file)).toEqual(['ABD-F003 medium'])
  })
})

describe('an array of Python objects', () => {
  const npy = (descr: string, bytes: Uint8Array) => {
    const header = Buffer.from(`{${descr}, 'fortran_order': False, 'shape': (1,), }\n`)
    const start = Buffer.from('\u0093NUMPY\u0001\u0000\u0000\u0000', 'latin1')
    start.writeUInt16LE(header.length, 8)
    return Buffer.concat([start, header, bytes])
  }
  const ways = [
    "'descr': '|O'",
    '"descr": "|O"',
    "'descr': 'object'",
    "'descr': [('a', [('b', \"O\")])]",
    "'\\x64escr': 'O8'",
  ]

  it.each(ways)('is found however it is written: %s', async (descr) => {
    expect(rules(await read('a.npy', npy(descr, pickle(osSystem))))).toContain('ABD-F001 critical')
    expect(rules(await read('a.npy', npy(descr, textual)))).toContain('ABD-F001 critical')
  })

  it.each([
    ['without an end', textual.subarray(0, -1)],
    [
      'without an end, in an archive',
      zip([{name: 'a', bytes: npy("'descr': '|O'", textual.subarray(0, -1))}]),
    ],
  ])('is found %s: Python runs it until there', async (_, bytes) => {
    const file = await (bytes[0] === 0x50 ? read('a.npz', bytes) : read('a.npy', npy("'descr': '|O'", bytes)))

    expect(rules(file)).toContain('ABD-F001 critical')
  })

  it('is refused where it cannot be followed to its end', async () => {
    const broken = npy("'descr': '|O'", lines(`I0x10\n0${unknown}`))
    const errors = [
      await refusal(read('a.npy', broken)),
      await refusal(read('a.npz', zip([{name: 'a.npy', bytes: broken}]))),
    ]

    for (const error of errors)
      expect(`${error.code} ${error.message}`).toMatch(/E_PICKLE .*not a whole number/)
  })

  it('is refused where it is longer than what is scanned, one of numbers is not', async () => {
    const limits = {pickleBytes: 5000}
    const long = pickle(op.text('x'.repeat(6000)), op.pop, osSystem)
    const objects = npy("'descr': '|O'", long)
    const numbers = npy("'descr': [('Open', '<f4')]", new Uint8Array(9000).fill(0x2e))
    const archive = (bytes: Uint8Array) => zip([{name: 'a.npy', bytes}])
    const codes = [
      await refusal(read('a.npy', objects, {limits})),
      await refusal(read('a.npz', archive(objects), {limits})),
      await refusal(read('a.npy', numbers, {limits})),
      await refusal(read('a.npz', archive(numbers), {limits})),
    ].map(({code}) => code)

    expect(codes).toEqual(['E_LIMIT', 'E_LIMIT', 'E_FORMAT_UNSUPPORTED', 'E_FORMAT_UNSUPPORTED'])
  })

  it.each([false, true])('is found in an archive under any name (compressed: %s)', async (deflate) => {
    const bytes = zip([{name: 'weights', bytes: npy("'descr': '|O'", pickle(osSystem)), deflate}])

    expect(rules(await read('a.npz', bytes))).toContain('ABD-F001 critical')
  })
})

describe('compressed entries', () => {
  it('are looked at by their first bytes too', async () => {
    const good = pickle(dictOf({w: tensor({count: 2, size: [2], stride: [1]})}))
    const model = (name: string, bytes: Uint8Array) =>
      read('model.pt', zip(torchEntries(good, {0: floats(1, 2)}, [{name, bytes, deflate: true}])))

    expect(rules(await model('archive/x', pickle(osSystem)))).toContain('ABD-F001 critical')
    expect(rules(await model('archive/x', Buffer.from('\u007fELF programs', 'latin1')))).toEqual([
      'ABD-F030 high',
    ])
  })
})

describe('a file of another format that is a pickle too', () => {
  /** X and its length are the first bytes of the header's: the text ends within the header, where V reads on to the line's end. */
  const safetensorsOf = (instructions: Uint8Array) => {
    const length = 0x58 + 256 * 0x20
    const start = `{"__metadata__":{"x":"`.padEnd(0x20 - 3, 'x')
    const rest = `V"},"w":{"dtype":"F32","shape":[40],"data_offsets":[0,160]`
    const end = '\n}}'
    const middle = rest.replace('V', `V${'y'.repeat(length - start.length - rest.length - end.length)}`)
    const size = Buffer.alloc(8)
    size.writeBigUInt64LE(BigInt(length))
    const data = Buffer.alloc(160)
    data.set(instructions)
    return Buffer.concat([size, Buffer.from(start + middle + end), data])
  }
  const safetensors = safetensorsOf(Buffer.concat([osSystem, lines('.')]))
  it.each(['model.safetensors', 'model.bin'])('is dangerous: %s', async (name) => {
    const file = await read(name, safetensors)

    expect(file.format).toBe('safetensors')
    expect(rules(file)).toEqual(expect.arrayContaining(['ABD-F001 critical', 'ABD-F063 high']))
    expect(file.scan.find(({rule}) => rule === 'ABD-F001')!.offset).toBe(safetensors.indexOf('cos\nsystem'))
    expect(isDangerous(file.scan)).toBe(true)
  })

  // Python reads all of these as numbers.
  it.each(['L1_0L\n0', 'I0x10\n0', 'F1_0\n0', 'I12345678901234567890\n0'])(
    'is dangerous behind a number that abd does not read: %j',
    async (number) => {
      const file = await read('model.safetensors', safetensorsOf(lines(number + unknown)))

      expect(file.format).toBe('safetensors')
      expect(rules(file)).toContain('ABD-F063 high')
      expect(
        rules(await read('model.safetensors', safetensorsOf(lines(number + textual.toString('latin1'))))),
      ).toContain('ABD-F001 critical')
    },
  )

  it('is dangerous where it may go on behind what is scanned', async () => {
    const file = await read('model.safetensors', safetensorsOf(lines('V'.padEnd(160, 'x'))))
    const long = Buffer.concat([
      safetensorsOf(lines('V'.padEnd(160, 'x'))),
      Buffer.alloc(70_000, 'x'),
      lines(`\n0${unknown}`),
    ])

    expect(rules(file)).toEqual([])
    expect(rules(await read('model.safetensors', long, {limits: {pickleBytes: 66_000}}))).toContain(
      'ABD-F063 high',
    )
  })
})
