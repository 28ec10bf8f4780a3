/**
 * Runs inside the page, so it names nothing from outside, and the browser's objects have no types here: everything that a
 * reader would stumble over. Every `details` is opened first.
 */
export function inspectPage(): string[] {
  const {document, getComputedStyle, HTMLElement, NodeFilter} = globalThis as any
  const problems: string[] = []
  for (const details of document.querySelectorAll('details')) details.open = true
  const name = (element: any) =>
    `<${element.tagName.toLowerCase()} class="${element.getAttribute('class') ?? ''}"> ${(element.textContent ?? '').trim().slice(0, 40)}`
  const hidden = (element: any) =>
    element.closest('.unseen, .skip, thead') !== null &&
    getComputedStyle(element.closest('.unseen, .skip, thead')).clipPath !== 'none'

  const width = document.documentElement.clientWidth
  if (document.documentElement.scrollWidth > width)
    problems.push(`the page is ${document.documentElement.scrollWidth} wide of ${width}`)
  for (const element of document.body.querySelectorAll('*')) {
    if (hidden(element) || !element.checkVisibility()) continue
    const {left, right} = element.getBoundingClientRect()
    if (right > width + 0.5 || left < -0.5)
      problems.push(`beyond the edge (${left.toFixed(0)} to ${right.toFixed(0)}): ${name(element)}`)
    if (
      element instanceof HTMLElement &&
      element.clientWidth > 0 &&
      element.scrollWidth > element.clientWidth + 1 &&
      !element.closest('.bar, .strip')
    )
      problems.push(`overflows (${element.scrollWidth} in ${element.clientWidth}): ${name(element)}`)
  }

  const channels = (colour: string): number[] => {
    const parts = colour.match(/[\d.]+/g)?.map(Number) ?? []
    return [parts[0] ?? 0, parts[1] ?? 0, parts[2] ?? 0, parts[3] ?? 1]
  }
  const over = (top: number[], under: number[]): number[] => [
    ...[0, 1, 2].map((i) => top[i]! * top[3]! + under[i]! * (1 - top[3]!)),
    1,
  ]
  const backdrop = (element: any): number[] => {
    if (!element) return [255, 255, 255, 1]
    const own = channels(getComputedStyle(element).backgroundColor as string)
    return own[3] === 1 ? own : over(own, backdrop(element.parentElement))
  }
  const luminance = (colour: number[]): number => {
    const [r, g, b] = colour.map((value) =>
      value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4,
    )
    return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!
  }
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement
    if (!texts.currentNode.textContent?.trim() || hidden(element) || !element.checkVisibility()) continue
    const style = getComputedStyle(element)
    const under = backdrop(element)
    const ink = over(channels((element.closest('svg') ? style.fill : style.color) as string), under)
    const [light, dark] = [luminance(ink), luminance(under)].sort((a, b) => b - a)
    const contrast = (light! + 0.05) / (dark! + 0.05)
    if (contrast < 4.5) problems.push(`contrast ${contrast.toFixed(2)}: ${name(element)}`)
  }

  let level = 0
  for (const heading of document.querySelectorAll('h1, h2, h3, h4')) {
    const own = Number(heading.tagName.slice(1))
    if (own > level + 1) problems.push(`h${level} is followed by ${name(heading)}`)
    level = own
  }
  for (const image of document.images) {
    if (!image.alt) problems.push(`no alternative text: ${name(image)}`)
    if (image.naturalWidth === 0) problems.push(`does not show: ${image.alt}`)
  }
  for (const cell of document.querySelectorAll('th'))
    if (!cell.scope) problems.push(`no scope: ${name(cell)}`)
  for (const element of document.querySelectorAll('*'))
    for (const {name: attribute} of element.attributes)
      if (attribute.startsWith('on')) problems.push(`${attribute} on ${name(element)}`)
  return [...new Set(problems)]
}
