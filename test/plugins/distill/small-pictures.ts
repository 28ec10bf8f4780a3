import {encodePng} from '@abd/core/data'
import {mkdtempSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'

/** The path of a folder of pictures of one colour, 8 x 8 where nothing else is said. */
export function smallPictures(count: number, {colour = 137, size = 8} = {}): string {
  const folder = mkdtempSync(join(tmpdir(), 'abd-pictures-'))
  const data = new Uint8Array(size * size * 3).fill(colour)
  for (let i = 0; i < count; i++)
    writeFileSync(
      join(folder, `${i}.png`),
      encodePng({count: 1, height: size, width: size, channels: 3, data}),
    )
  return folder
}
