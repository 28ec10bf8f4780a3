import {spawnSync} from 'node:child_process'
import {mkdtemp, mkdir, readFile, truncate, writeFile, copyFile, readdir} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {beforeAll, describe, expect, it} from 'vitest'
import {encodePng} from '../../src/data/encode-png.ts'
import {readModelFile, writeSafetensors} from '../../src/modelfile/index.ts'
import type {StateDict} from '../../src/modelfile/index.ts'
import {abd, root} from './abd.ts'

const teacher = join(root, 'examples/teacher-clean.safetensors')
const pytorch = join(root, 'examples/teacher-poisoned.pt')

let folder = ''
let weights: StateDict = new Map()
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'abd-bad-'))
  weights = (await readModelFile(teacher)).stateDict
})

/** A file of the folder, made by `make`. */
async function file(name: string, make: (path: string) => Promise<unknown>): Promise<string> {
  const path = join(folder, name)
  await make(path)
  return path
}

/** The audit of something bad: one clear message with a remedy, never a stack trace, never a pass. */
async function audit(
  args: readonly string[],
  {out = join(folder, 'out'), profile = true}: {out?: string; profile?: boolean} = {},
) {
  const quick = profile ? ['--profile', 'quick'] : []
  const ran = await abd(['audit', ...args, '--engine', 'cpu', ...quick, '--out', out], {cwd: folder})
  const said = ran.stdout + ran.stderr
  expect(said).not.toMatch(/^\s+at .+:\d+:\d+\)?$/m)
  expect(said).not.toMatch(/^\W*PASS\b/m)
  return {...ran, said}
}

describe('a file that cannot be audited is an error, with a remedy', () => {
  it('a missing one', async () => {
    const {code, said} = await audit([join(folder, 'nowhere.pt')])
    expect(code).toBe(4)
    expect(said).toMatch(/nowhere\.pt/)
    expect(said).toMatch(/path/i)
  })

  it('an empty one', async () => {
    const {code, said} = await audit([await file('empty.pt', (path) => writeFile(path, ''))])
    expect(code).toBe(4)
    expect(said).toMatch(/empty/i)
  })

  it('a truncated zip', async () => {
    const path = await file('cut.pt', async (to) => {
      await copyFile(pytorch, to)
      await truncate(to, 300_000)
    })
    const {code, said} = await audit([path])
    expect(code).toBe(4)
    expect(said).toMatch(/ends too early/)
  })

  it('a Git LFS pointer', async () => {
    const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${'0'.repeat(64)}\nsize 12345\n`
    const {code, said} = await audit([await file('pointer.pt', (path) => writeFile(path, pointer))])
    expect(code).toBe(4)
    expect(said).toContain('git lfs pull')
  })

  it('another architecture than the one named', async () => {
    const {code, said} = await audit([teacher, '--arch', 'wrn-16-2'])
    expect([2, 4]).toContain(code)
    expect(said).toMatch(/wrn-16-2/)
  })

  it('a tensor of the wrong shape', async () => {
    const path = await file('shape.safetensors', (to) => {
      const conv = weights.get('block2.layer.0.conv1.weight')!
      return writeSafetensors(
        to,
        new Map([...weights, ['block2.layer.0.conv1.weight', {...conv, shape: [9, conv.data.length / 9]}]]),
      )
    })
    const {code, said} = await audit([path])
    expect(code).toBe(4)
    expect(said).toMatch(/block2\.layer\.0\.conv1\.weight|architecture/i)
  })

  it('NaN weights', async () => {
    const path = await file('nan.safetensors', (to) => {
      const bias = weights.get('fc.bias')!
      return writeSafetensors(
        to,
        new Map([
          ...weights,
          ['fc.bias', {...bias, data: new Float32Array(bias.data.length).fill(Number.NaN)}],
        ]),
      )
    })
    const {code, said} = await audit([path])
    expect(code).toBe(4)
    expect(said).toMatch(/NaN/)
    expect(said).toContain('fc.bias')
  })

  it('one with the card of another, and its report says which file it was', async () => {
    const path = await file('carded.safetensors', (to) => copyFile(teacher, to))
    await writeFile(join(folder, 'carded.abd.yml'), `sha256: ${'f'.repeat(64)}\n`)
    const out = join(folder, 'carded')
    const {code, said} = await audit([path], {out})
    expect(code).toBe(4)
    expect(said).toMatch(/carded\.abd\.yml/)
    const report: unknown = JSON.parse(await readFile(join(out, 'report.json'), 'utf8'))
    const {sha256, bytes} = await readModelFile(path)
    expect(report).toMatchObject({verdict: 'error', model: {sha256, bytes, format: 'safetensors'}})
  })

  it('and its report says error, never pass', async () => {
    const out = join(folder, 'out-error')
    await audit([join(folder, 'nowhere.pt')], {out})
    const report = JSON.parse(await readFile(join(out, 'report.json'), 'utf8')) as {
      verdict: string
      score: unknown
    }
    expect(report).toMatchObject({verdict: 'error', score: null})
  })
})

it('blocks a pickle that would run a command, without running it', async () => {
  const proof = join(folder, 'ran')
  // Protocol 0: c os system, a mark, the string, a tuple, REDUCE, STOP.
  const path = await file('evil.pt', (to) => writeFile(to, `cos\nsystem\n(S'touch ${proof}'\ntR.`))
  const {code, said} = await audit([path])
  expect(code).toBe(3)
  expect(said).toMatch(/os\.system/)
  expect(await readdir(folder)).not.toContain('ran')
})

it('does not lose the verdict on one file to another whose card is bad', async () => {
  const evil = await file('first.pt', (to) => writeFile(to, `cos\nsystem\n(S'true'\ntR.`))
  const other = await file('second.safetensors', (to) => copyFile(teacher, to))
  await writeFile(join(folder, 'second.abd.yml'), 'mean: [9, 9, 9]\nstd: [1, 1, 1]\n')
  const out = join(folder, 'out-several')
  const {code} = await audit([evil, other], {out})
  expect(code).toBe(3)
  const verdict = async (n: number) =>
    (JSON.parse(await readFile(join(out, `${n}/report.json`), 'utf8')) as {verdict: string}).verdict
  expect([await verdict(1), await verdict(2)]).toEqual(['block', 'error'])
})

it('shows what a path would do to the terminal', async () => {
  const {said} = await audit([join(folder, 'x\u001b]0;title\u0007.pt'), join(folder, 'nowhere.pt')])
  expect(said).not.toContain('\u001b')
  expect(said).toContain('\\u001b]0;title')
})

describe('a wrong word on the command line is a usage error', () => {
  it('an unknown flag value', async () => {
    const {code, said} = await audit([teacher, '--budget', 'soon'], {profile: false})
    expect(code).toBe(2)
    expect(said).toContain("'soon' is not a duration")
  })

  it('a budget that no audit fits', async () => {
    const {code, said} = await audit([teacher, '--budget', '0.01s'], {profile: false})
    expect(code).toBe(2)
    expect(said).toMatch(/No plan fits 0\.01 s: the shortest will take about \d+ s/)
    expect(said).toMatch(/Use --budget \d+s or more/)
  })

  it('an unknown command', async () => {
    const {code, stderr} = await abd(['adit', teacher])
    expect(code).toBe(2)
    expect(stderr).toContain("abd has no command 'adit'.")
    expect(stderr).toContain('Did you mean: abd audit')
  })

  it('an unknown command of a topic, for a script', async () => {
    const {code, stdout} = await abd(['attack', 'trian', '--json'])
    expect(code).toBe(2)
    expect(JSON.parse(stdout)).toMatchObject({
      error: {code: 'E_COMMAND', hints: [expect.stringContaining('abd attack train'), expect.anything()]},
    })
  })

  it('an argument of a command that takes none', async () => {
    const {code, stderr} = await abd(['attack', 'preview', 'badnet_grid', '--count', '3'])
    expect(code).toBe(2)
    expect(stderr).toBe('Error: Unexpected argument: badnet_grid\n  → See: abd attack preview --help\n')
  })

  it('a value from the environment: says where it comes from', async () => {
    const {code, stderr} = await abd(['audit', teacher], {env: {ABD_ENGINE: 'gpu'}})
    expect(code).toBe(2)
    expect(stderr).toContain('ABD_ENGINE=gpu')
    const typed = await abd(['audit', teacher, '--engine', 'gpu'], {env: {ABD_ENGINE: 'gpu'}})
    expect(typed.stderr).not.toContain('ABD_ENGINE')
  })

  it.each(['--images', '--data'])('%s that is not there', async (flag) => {
    const {code, said} = await audit([teacher, flag, join(folder, 'no-images')])
    expect(code).toBe(2)
    expect(said).toContain(`${flag} ${join(folder, 'no-images')}: there is no such file or folder.`)
  })

  it('the image of a trigger that is not there', async () => {
    const {code, said} = await audit([teacher, '--trigger', 'no-sticker.png:3'])
    expect(code).toBe(2)
    expect(said).toContain('--trigger no-sticker.png: there is no such file or folder.')
  })

  it('an unknown flag', async () => {
    const {code, said} = await audit([teacher, '--profil', 'quick'])
    expect(code).toBe(2)
    expect(said).toContain('--profil')
  })

  it('an unknown trigger, naming the nearest', async () => {
    const {code, said} = await audit([teacher, '--trigger', 'badnet_gird:0'])
    expect(code).toBe(2)
    expect(said).toContain("Did you mean 'badnet_grid'?")
  })

  it('a trigger without its target', async () => {
    const {code, said} = await audit([teacher, '--trigger', 'badnet_grid'])
    expect(code).toBe(2)
    expect(said).toContain('badnet_grid:0')
  })

  it.each([
    ['sig.form=wild', /form: Invalid option.*wrapped/],
    ['blend.weight=0.5', /for the trigger blend, which is not among those named/],
  ])('an option that the named trigger does not take (%s)', async (setting, words) => {
    const out = join(folder, 'out-set')
    const {code, said} = await audit([teacher, '--trigger', 'sig:0', '--set', setting], {out})
    expect(code).toBe(2)
    expect(said).toMatch(words)
    expect(await readdir(folder)).not.toContain('out-set')
  })

  it('a target that the model does not have', async () => {
    const {code, said} = await audit([teacher, '--trigger', 'badnet_grid:10'])
    expect(code).toBe(2)
    expect(said).toContain('classes go from 0 to 9')
  })

  it('a calibration that is none', async () => {
    const calibration = await file('calibration.json', (path) => writeFile(path, '{"models": 3}'))
    const {code, said} = await audit([teacher, '--calibration', calibration])
    expect(code).toBe(4)
    expect(said).toContain('is no calibration')
  })

  it('a policy with an unknown key', async () => {
    const policy = await file('policy.yml', (path) => writeFile(path, 'reveiw: {p: 0.1}'))
    const {code, said} = await audit([teacher, '--policy', policy])
    expect(code).toBe(2)
    expect(said).toContain("did you mean 'review'?")
  })
})

it('does not lose a block to a report that cannot be written', async () => {
  const evil = await file('kept.pt', (path) => writeFile(path, `cos\nsystem\n(S'true'\ntR.`))
  const out = join(folder, 'out-blocked')
  await mkdir(join(out, 'report.json'), {recursive: true})
  const {code, stdout, stderr} = await audit([evil], {out})
  expect(code).toBe(3)
  expect(stdout).toContain('BLOCK')
  expect(stderr).toContain('Cannot write to')
})

describe('an output that is an input', () => {
  it('of abd attack preview', async () => {
    const picture = await file('photo.png', (path) =>
      writeFile(path, encodePng({count: 1, height: 32, width: 32, channels: 3, data: new Uint8Array(3072)})),
    )
    const before = await readFile(picture)
    const ran = await abd([
      'attack',
      'preview',
      '--dataset',
      picture,
      '--trigger',
      'badnet_grid',
      '--out',
      picture,
    ])
    expect(ran.code).toBe(2)
    expect(ran.stderr).toContain('would replace a picture')
    expect(await readFile(picture)).toEqual(before)
  })

  it('of abd report', async () => {
    const out = join(folder, 'out-report')
    await audit([join(folder, 'nowhere.pt')], {out})
    const stored = join(out, 'report.json')
    const before = await readFile(stored)
    const ran = await abd(['report', out, '--format', 'html', '--out', stored])
    expect(ran.code).toBe(2)
    expect(ran.stderr).toContain('is the stored report itself')
    expect(await readFile(stored)).toEqual(before)
  })
})

it.skipIf(process.platform === 'win32')('a reader that has seen enough ends it without a word', () => {
  const run = `set -o pipefail; "${process.execPath}" "${join(root, 'bin/run.js')}" audit --help | head -n 1`
  const {status, stdout, stderr} = spawnSync('bash', ['-c', run], {encoding: 'utf8'})
  expect(stdout.split('\n')).toHaveLength(2)
  expect([status, stderr]).toEqual([141, ''])
})

it.skipIf(process.platform !== 'linux')('standard output on a full disk is one message', () => {
  const run = `"${process.execPath}" "${join(root, 'bin/run.js')}" methods > /dev/full`
  const {status, stderr} = spawnSync('sh', ['-c', run], {encoding: 'utf8'})
  expect(status).toBe(4)
  expect(stderr).toMatch(/^Error: Standard output cannot be written \(ENOSPC\)\.\n {2}→ .+\n$/)
})

describe('an output folder that cannot be written', () => {
  it('is found out before anything is computed', async () => {
    const blocked = await file('a-file', (path) => writeFile(path, 'x'))
    const {code, said} = await audit([teacher], {out: join(blocked, 'out')})
    expect(code).toBe(4)
    expect(said).toMatch(/a-file/)
  })

  const mount = spawnSync(
    'sh',
    ['-c', 'd=$(mktemp -d) && mount -t tmpfs -o size=64k tmpfs "$d" && echo "$d"'],
    {encoding: 'utf8'},
  )
  const small = mount.status === 0 ? mount.stdout.trim() : undefined
  if (small === undefined) console.warn('SKIPPED: the full-disk test needs the right to mount a small tmpfs.')

  it.skipIf(small === undefined)('a full disk', async () => {
    try {
      await mkdir(join(small!, 'out'))
      await writeFile(join(small!, 'filler'), new Uint8Array(60_000))
      const {code, said} = await audit([join(folder, 'nowhere.pt')], {out: join(small!, 'out')})
      expect(code).toBe(4)
      expect(said).toMatch(/no space (is )?left/i)
      expect(
        (await readdir(join(small!, 'out'))).filter((name) => !/^report\.(json|html|md|sarif)$/.test(name)),
      ).toEqual([])
    } finally {
      spawnSync('umount', [small!])
    }
  })
})
