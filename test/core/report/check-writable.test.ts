import {chmod, mkdir, mkdtemp, readdir, symlink, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {beforeEach, describe, expect, it} from 'vitest'
import {checkWritable} from '../../../src/report/check-writable.ts'

const isRoot = process.getuid?.() === 0

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'abd-writable-'))
})

describe('checkWritable', () => {
  it('takes a folder that is there and one that can be made, and leaves nothing behind', async () => {
    await checkWritable(folder)
    await checkWritable(join(folder, 'new', 'deeper'))
    expect(await readdir(folder)).toEqual([])
  })

  it('takes the same new folder from several at once', async () => {
    await Promise.all(Array.from({length: 8}, () => checkWritable(join(folder, 'new', 'deeper'))))
    expect(await readdir(folder)).toEqual([])
  })

  it.each([
    ['a file', 'file'],
    ['a folder below a file', 'file/out'],
    ['a link that leads nowhere', 'link'],
    ['a name that is too long', `${'x'.repeat(300)}/out`],
  ])('refuses %s', async (_, name) => {
    await writeFile(join(folder, 'file'), '')
    await chmod(join(folder, 'file'), 0o755)
    await symlink(join(folder, 'nowhere'), join(folder, 'link'))
    await expect(checkWritable(join(folder, name))).rejects.toMatchObject({
      code: 'E_OUT_UNWRITABLE',
      exit: 4,
      message: expect.stringContaining(join(folder, name)),
    })
    expect(await readdir(folder)).toEqual(['file', 'link'])
  })

  it.runIf(process.platform === 'linux')('refuses a place that takes no new folder', async () => {
    await expect(checkWritable('/proc/new/out')).rejects.toMatchObject({code: 'E_OUT_UNWRITABLE'})
  })

  it.skipIf(isRoot)('refuses a folder that is read-only', async () => {
    const locked = join(folder, 'locked')
    await mkdir(locked)
    await chmod(locked, 0o500)
    for (const place of [locked, join(locked, 'new')])
      await expect(checkWritable(place)).rejects.toMatchObject({code: 'E_OUT_UNWRITABLE', exit: 4})
  })
})
