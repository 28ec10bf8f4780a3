// Draws what profile-zskt.ts wrote:
//   node --conditions=@abd/source scripts/draw-zskt-profile.ts profile.json docs/zskt-cycle.svg
import {readFile, writeFile} from 'node:fs/promises'
import {flameChart} from './zskt-profile/flame-chart.ts'
import {Profile} from './zskt-profile/profile.ts'

const [from, to] = process.argv.slice(2)
if (!from || !to) {
  process.stderr.write(
    'Name the profile and the SVG: draw-zskt-profile.ts profile.json docs/zskt-cycle.svg\n',
  )
  process.exit(2)
}
await writeFile(to, flameChart(Profile.parse(JSON.parse(await readFile(from, 'utf8')))))
