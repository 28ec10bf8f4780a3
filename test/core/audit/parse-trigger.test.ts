import {createRegistry, silent} from '@abd/core'
import {parseTrigger} from '@abd/core/audit'
import {createRandom, openEngine} from '@abd/core/engine'
import {mkdirSync, mkdtempSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterEach, beforeAll, beforeEach, describe, expect, test} from 'vitest'
import {attackPlugin} from '../../../plugins/attack/src/index.ts'

let parse: (text: string) => ReturnType<typeof parseTrigger>
beforeAll(async () => {
  const context = {
    engine: await openEngine('cpu'),
    random: createRandom(1),
    progress: silent,
    signal: new AbortController().signal,
  }
  parse = (text) => parseTrigger(text, createRegistry([attackPlugin]), context)
})

const before = process.cwd()
beforeEach(() => process.chdir(mkdtempSync(join(tmpdir(), 'abd-trigger-'))))
afterEach(() => process.chdir(before))

describe('--trigger', () => {
  test.each(['badnet_grid', 'badnet-grid', 'BadNet_Grid'])(
    'a name means that trigger, whatever lies there: %s',
    async (name) => {
      mkdirSync(name)
      const {trigger, target} = await parse(`${name}:3`)({height: 32, width: 32, channels: 3})
      expect(trigger.name).toBe('badnet_grid')
      expect(target).toBe(3)
    },
  )

  test.each(['a.png,b.png,c.png:0', 'a.png,:0', ',a.png:0'])(
    '%s names more or less than an image and a mask',
    (text) => {
      expect(() => parse(text)).toThrow()
    },
  )

  test('an image that is not there', () => {
    expect(() => parse('sticker.png:0')).toThrow('--trigger sticker.png: there is no such file or folder.')
  })
})
