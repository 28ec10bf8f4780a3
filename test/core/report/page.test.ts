import {existsSync} from 'node:fs'
import {mkdtemp, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {pathToFileURL} from 'node:url'
import {chromium} from 'playwright-core'
import type {Browser, Page} from 'playwright-core'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import type {Report} from '../../../src/audit/report-schema.ts'
import {renderHtml} from '../../../src/report/html/render-html.ts'
import {fixtures} from '../../fixtures/reports/index.ts'
import {inspectPage} from './inspect-page.ts'

const executablePath = process.env['ABD_CHROMIUM'] ?? ['/usr/bin/chromium'].find((path) => existsSync(path))
if (!executablePath)
  console.warn('SKIPPED: the report in a browser. Install chromium, or name it in ABD_CHROMIUM.')

const quiet = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]
const pages: Readonly<Record<string, readonly Report[]>> = {
  ...Object.fromEntries(Object.entries(fixtures).map(([name, report]) => [name, [report]])),
  several: [
    fixtures.pass,
    fixtures.block,
    fixtures.review,
    fixtures.truncated,
    fixtures.dangerous,
    fixtures.skipped,
  ],
}

describe.skipIf(!executablePath)('the page in a browser', () => {
  let browser: Browser
  let folder = ''
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'abd-page-'))
    browser = await chromium.launch({...(executablePath ? {executablePath} : {}), args: quiet})
  })
  afterAll(async () => {
    await browser?.close()
    await rm(folder, {recursive: true, force: true})
  })

  /** Opens a page and hears everything it says or asks for. */
  async function open(
    name: string,
    text: string,
    options: Parameters<Browser['newPage']>[0],
  ): Promise<{page: Page; heard: string[]}> {
    const path = join(folder, `${name}.html`)
    await writeFile(path, text)
    const page = await browser.newPage(options)
    const heard: string[] = []
    page.on('console', (message) => heard.push(`console: ${message.text()}`))
    page.on('pageerror', (error) => heard.push(`error: ${error.message}`))
    page.on('dialog', (dialog) => {
      heard.push(`dialog: ${dialog.message()}`)
      void dialog.dismiss()
    })
    const own = pathToFileURL(path).href
    page.on('requestfailed', (request) => heard.push(`refused: ${request.failure()?.errorText}`))
    page.on('request', (request) => {
      if (request.url() !== own && !request.url().startsWith('data:')) heard.push(`request: ${request.url()}`)
    })
    await page.goto(own)
    return {page, heard}
  }

  it.each(Object.entries(pages))(
    '%s reads well on a desk and on a phone, in light and dark',
    async (name, reports) => {
      const {page, heard} = await open(name, renderHtml(reports), {})
      for (const width of [1280, 390])
        for (const colorScheme of ['light', 'dark'] as const) {
          await page.setViewportSize({width, height: 844})
          await page.emulateMedia({colorScheme})

          expect(await page.evaluate(inspectPage), `${width} ${colorScheme}`).toEqual([])
          const shots = process.env['ABD_SCREENSHOTS']
          if (shots)
            await page.screenshot({path: join(shots, `${name}-${width}-${colorScheme}.png`), fullPage: true})
        }
      expect(heard).toEqual([])
      await page.close()
    },
  )

  it('finds what is wrong with a page, or it would be of no use', async () => {
    const broken = renderHtml([fixtures.pass])
      .replaceAll('--muted: #59626d', '--muted: #a0a0a0')
      .replace(
        '</main>',
        '<h2>next</h2><h4>too deep</h4><div style="width: 2000px">wide</div><img src="data:,"></main>',
      )
      .replaceAll('scope="row"', '')
    const {page} = await open('broken', broken, {viewport: {width: 390, height: 844}, colorScheme: 'light'})

    const problems = (await page.evaluate(inspectPage)).join('\n')
    for (const expected of [
      /contrast 2\.\d+/,
      /h2 is followed by <h4/,
      /beyond the edge/,
      /the page is \d+ wide of 390/,
      /no alternative text/,
      /no scope/,
    ])
      expect(problems).toMatch(expected)
    await page.close()
  })

  it('prints on paper, light and with everything that is folded away', async () => {
    const {page, heard} = await open('print', renderHtml([fixtures.block]), {colorScheme: 'dark'})

    const pdf = await page.pdf({format: 'A4', printBackground: true})
    await page.emulateMedia({media: 'print'})
    const plan = await page.locator('pre.lines').boundingBox()
    const ground = await page.evaluate('getComputedStyle(document.body).backgroundColor')

    expect(pdf.subarray(0, 5).toString()).toBe('%PDF-')
    expect(plan?.height).toBeGreaterThan(50)
    expect(ground).toBe('rgb(255, 255, 255)')
    expect(heard).toEqual([])
    await page.close()
  })

  it('runs nothing and asks for nothing, even with a hole in the escaping', async () => {
    const hole =
      '<script>document.title = "run"</script><img src="https://evil.invalid/x.png" onerror="document.title = \'run\'">'
    const {page, heard} = await open(
      'hole',
      renderHtml([fixtures.pass]).replace('</main>', `${hole}</main>`),
      {},
    )

    expect(await page.title()).toContain('Pass')
    // The image is asked for, and refused before anything leaves the browser.
    expect(heard).toContain('refused: csp')
    expect(heard.join('\n')).toMatch(/inline script.*Content Security Policy/)
    await page.close()
  })
})
