// Renders the drawings of the traffic signs into src/assets/signs.png: node scripts/render-signs.ts
import {initWasm, Resvg} from '@resvg/resvg-wasm'
import {encode} from 'fast-png'
import {readFile, writeFile} from 'node:fs/promises'
import {createRequire} from 'node:module'
import {dirname, join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {ATLAS_COLUMNS, TEMPLATE_SIDE} from '../src/data/sign-atlas.ts'
import {signClasses} from '../src/data/sign-classes.ts'

const require = createRequire(import.meta.url)

/** The atlas as a PNG: RGBA, ATLAS_COLUMNS drawings of TEMPLATE_SIDE² pixels a row. */
export async function renderSigns(): Promise<Uint8Array> {
  await initWasm(await readFile(require.resolve('@resvg/resvg-wasm/index_bg.wasm')))
  const folder = join(
    dirname(require.resolve('@rapideditor/mapillary_sprite_source/package.json')),
    'package_signs',
  )
  const rows = Math.ceil(signClasses.length / ATLAS_COLUMNS)
  const [width, height] = [ATLAS_COLUMNS * TEMPLATE_SIDE, rows * TEMPLATE_SIDE]
  const data = new Uint8Array(width * height * 4)
  for (const [n, {sprite}] of signClasses.entries()) {
    const svg = await readFile(join(folder, `${sprite}.svg`), 'utf8')
    // Some speed limits have the Nordic yellow plate; the German one is white.
    const german = svg.replaceAll(/fill="(gold|#ffd100)"/g, 'fill="#fff"')
    const image = new Resvg(german, {fitTo: {mode: 'width', value: TEMPLATE_SIDE}}).render()
    const pixels = unmultiplied(image.pixels)
    const line = TEMPLATE_SIDE * 4
    for (let y = 0; y < TEMPLATE_SIDE; y++) {
      const top = Math.floor(n / ATLAS_COLUMNS) * TEMPLATE_SIDE + y
      data.set(pixels.subarray(y * line, (y + 1) * line), top * width * 4 + (n % ATLAS_COLUMNS) * line)
    }
  }
  return encode({width, height, data, channels: 4, depth: 8}, {zlib: {level: 9}})
}

function unmultiplied(pixels: Uint8Array): Uint8Array {
  const out = pixels.slice()
  for (let at = 0; at < out.length; at += 4)
    for (let k = 0; k < 3; k++) out[at + k] = Math.round((out[at + k]! * 255) / Math.max(1, out[at + 3]!))
  return out
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  await writeFile(new URL('../src/assets/signs.png', import.meta.url), await renderSigns())
