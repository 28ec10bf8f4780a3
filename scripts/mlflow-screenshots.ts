// Looks at a real MLflow server in a real browser and writes docs/mlflow/*.png; docs/guides/mlflow.md says what was run
// before. Needs a Chromium (ABD_CHROMIUM, or in PATH), and on the server: runs of `abd audit`, one of `abd distill run
// --measure-every`, and an audited version of a registered model.
//   node --conditions=@abd/source scripts/mlflow-screenshots.ts http://127.0.0.1:5000 [FOLDER [PAGE…]]
import {openMlflow, trackingSettings} from '@abd/core/track'
import {mkdir} from 'node:fs/promises'
import {join} from 'node:path'
import {chromium} from 'playwright-core'
import type {Page} from 'playwright-core'

const [, , uri = 'http://127.0.0.1:5000', folder = 'docs/mlflow', ...only] = process.argv
const isAsked = (name: string): boolean => only.length === 0 || only.includes(name)
await using client = await openMlflow(trackingSettings(process.env, {uri})!)
const experiment = await client.ensureExperiment('abd')
const runs = await client.searchRuns([experiment], '')
const newest = (name: string, source: string) => {
  const found = runs.find(
    ({data}) => data.tags['mlflow.source.name'] === source && data.tags['mlflow.note.content'],
  )
  if (!found) throw new Error(`There is no run of ${source}: ${name} cannot be shown.`)
  return found.info.run_id
}
const audit = newest('an audit', 'abd audit')
const distillation = isAsked('images') ? newest('a distillation', 'abd distill run') : ''
const version = (await client.searchModelVersions()).find(({tags}) => tags['abd.verdict'] === 'block')
if (!version) throw new Error('There is no version of a registered model that was audited and blocked.')

const at = `${uri}/#/experiments/${experiment}`
const pages: readonly (readonly [
  name: string,
  address: string,
  text: string | RegExp,
  then?: (page: Page) => Promise<void>,
])[] = [
  ['run', `${at}/runs/${audit}`, 'abd.verdict'],
  ['report', `${at}/runs/${audit}/artifacts/report.html`, 'report.html'],
  [
    'images',
    `${at}/runs/${distillation}/model-metrics`,
    'test acc',
    async (page) => {
      await page.getByPlaceholder('Search metric charts').fill('sample')
      // The first step that the slider offers is 0, whether or not there is a picture of it.
      for (let step = 0; step < 3; step++) await page.getByRole('slider').press('ArrowRight')
      // A card leaves little room below a run's parameters.
      const [title] = await page.getByText('sample', {exact: true}).all()
      const box = await title!.boundingBox()
      await page.mouse.click(box!.x + 165, box!.y + box!.height / 2 + 6)
    },
  ],
  [
    'tables',
    `${at}/runs?compareRunsMode=ARTIFACT&searchFilter=${encodeURIComponent('metrics.score > 0')}`,
    /(findings|demonstrations)\.json/,
    async (page) => {
      await page
        .getByText('demonstrations.json')
        .click({timeout: 3000})
        .catch(() => {})
      await page
        .getByRole('option', {name: 'findings.json'})
        .click({timeout: 3000})
        .catch(() => {})
      await page.keyboard.press('Escape')
    },
  ],
  [
    'version',
    `${uri}/#/models/${encodeURIComponent(version.name)}/versions/${version.version}`,
    'abd.verdict',
  ],
]
await mkdir(folder, {recursive: true})
const browser = await chromium.launch({
  executablePath: process.env['ABD_CHROMIUM'] ?? '/usr/bin/chromium',
  args: ['--no-sandbox'],
})
try {
  for (const [name, address, text, then] of pages) {
    if (!isAsked(name)) continue
    // One context each: MLflow remembers what was open. A table of several runs has cells for pictures, and needs room.
    const page = await browser.newPage(
      name === 'tables'
        ? {viewport: {width: 2350, height: 1600}, deviceScaleFactor: 0.8}
        : {viewport: {width: 1400, height: 950}},
    )
    await page.goto(address)
    await page.getByText(text).first().waitFor({timeout: 60_000})
    for (const close of await page.getByRole('button', {name: /close|dismiss|got it/i}).all())
      await close.click({timeout: 1000}).catch(() => {})
    await then?.(page)
    await page.waitForTimeout(4000)
    const path = join(folder, `${name}.png`)
    await page.screenshot({path})
    process.stdout.write(`${path}\n`)
    await page.close()
  }
} finally {
  await browser.close()
}
