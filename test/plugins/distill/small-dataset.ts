import {encodePng} from '@abd/core/data'
import {createRandom} from '@abd/core/engine'
import {mkdirSync, mkdtempSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'

/** The path of a folder of 8 x 8 pictures of random bytes: of each class four to train with and one to test with. */
export function smallDataset(classes = 3): string {
  const folder = mkdtempSync(join(tmpdir(), 'abd-dataset-'))
  const random = createRandom('dataset')
  for (let label = 0; label < classes; label++) {
    const pictures = {train: 4, test: 1}
    for (const [split, count] of Object.entries(pictures)) {
      const directory = join(folder, split, `class ${label}`)
      mkdirSync(directory, {recursive: true})
      for (let i = 0; i < count; i++) {
        const data = Uint8Array.from(random.uniforms(8 * 8 * 3, 0, 256))
        writeFileSync(
          join(directory, `${i}.png`),
          encodePng({count: 1, height: 8, width: 8, channels: 3, data}),
        )
      }
    }
  }
  return folder
}
