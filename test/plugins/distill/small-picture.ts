import {encodePng} from '@abd/core/data'
import {createRandom} from '@abd/core/engine'
import {mkdtempSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'

/** The path of a picture to cut patches from, of 80 x 80 random bytes: photos take longer to decode than a test. */
export function smallPicture(): string {
  const path = join(mkdtempSync(join(tmpdir(), 'abd-picture-')), 'picture.png')
  const data = Uint8Array.from(createRandom('picture').uniforms(80 * 80 * 3, 0, 256))
  writeFileSync(path, encodePng({count: 1, height: 80, width: 80, channels: 3, data}))
  return path
}
