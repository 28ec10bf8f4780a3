import {execFileSync} from 'node:child_process'
import {mkdir, mkdtemp, readdir, readFile, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterEach, beforeEach, describe, expect, it} from 'vitest'
import {writeAtomic} from '../../src/write-atomic.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'abd-atomic-'))
})
afterEach(() => rm(folder, {recursive: true}))

describe('writeAtomic', () => {
  it('makes the folder that is missing', async () => {
    const path = join(folder, 'new', 'deeper', 'file')
    await writeAtomic(path, ['a', new Uint8Array([98])])
    expect(await readFile(path, 'utf8')).toBe('ab')
  })

  it('names the file that a disk has no room for, and leaves nothing of it', async (context) => {
    const small = join(folder, 'small')
    await mkdir(small)
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', small], {stdio: 'ignore'})
    } catch {
      console.warn('Skipped: a full disk needs the right to mount one.')
      context.skip()
    }
    try {
      const path = join(small, 'weights')
      await expect(writeAtomic(path, [new Uint8Array(1 << 20)])).rejects.toMatchObject({
        code: 'ENOSPC',
        path,
      })
      expect(await readdir(small)).toEqual([])
    } finally {
      execFileSync('umount', [small])
    }
  })
})
